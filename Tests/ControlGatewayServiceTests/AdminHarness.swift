import BusInProcess
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceKit
import Synchronization
import Testing

@testable import ControlGatewayService

/// The admin API over a fake registry, asked without a socket.
struct AdminHarness: Sendable {
    let registry: AdminFakeRegistry
    let policies: AdminFakePolicies
    let clock: AdminTestClock
    private let respond: @Sendable (Request, SurfaceContext) async throws -> Response

    /// Runs `body` beside a registry that answers.
    static func with(_ body: (AdminHarness) async throws -> Void) async throws {
        let bus = InProcessBus()
        let registry = AdminFakeRegistry()
        let policies = AdminFakePolicies()
        let clock = AdminTestClock()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let router = Router(context: SurfaceContext.self)
        AdminAPI(
            bus: bus,
            tailnet: .default,
            clients: clients(on: bus, clock, logger),
            logger: logger,
            now: { clock.now }
        ).register(on: router)
        let responder = router.buildResponder()
        let harness = AdminHarness(registry: registry, policies: policies, clock: clock) { request, context in
            try await responder.respond(to: request, context: context)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try? await registry.serve(on: bus) }
            group.addTask { try? await policies.serve(on: bus) }
            try await body(harness)
            group.cancelAll()
        }
    }

    /// A gateway's way to clients that holds no map stream.
    private static func clients(on bus: InProcessBus, _ clock: AdminTestClock, _ logger: Logger) -> ClientQuestions {
        let gateway = ControlGatewayService(
            configuration: .init(serverURL: "http://gateway.test", instance: "test", addressPrefixes: [], version: "0"),
            dependencies: .init(
                bus: bus,
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                now: { clock.now },
                logger: logger
            )
        )
        return gateway.clients
    }

    /// One request.
    ///
    /// - Parameter key: sent as bearer; `nil` with `overSocket` is the local socket.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        body: String? = nil,
        key: String? = nil,
        overSocket: Bool = true
    ) async throws -> AdminAnswer {
        var fields = HTTPFields()
        if let key { fields[.authorization] = key }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer(string: body ?? ""))
        )
        let connection = ConnectionInfo(remoteAddress: nil, isTLS: false, isLocalSocket: overSocket)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let context = SurfaceContext(source: SurfaceContextSource(logger: logger, connection: connection))
        let response = try await respond(request, context)
        let writer = AdminBodyWriter()
        try await response.body.write(writer)
        return AdminAnswer(
            status: response.status.code,
            contentType: response.headers[.contentType] ?? "",
            text: String(buffer: writer.bytes.withLock { $0 })
        )
    }
}

/// What the API answered.
struct AdminAnswer {
    var status: Int
    var contentType: String
    var text: String

    /// The text as JSON, or an empty object.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    /// A member of a member, as in `value("user", "name")`.
    func value(_ path: String...) -> String? {
        var current: Any? = json
        for name in path { current = (current as? [String: Any])?[name] }
        return current as? String
    }

    func list(_ name: String) -> [[String: Any]] {
        json[name] as? [[String: Any]] ?? []
    }
}

/// A wall clock that stands until it is set.
final class AdminTestClock: Sendable {
    private let time = Mutex(AdminFakeRegistry.epoch)

    var now: Date { time.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        time.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}

private final class AdminBodyWriter: ResponseBodyWriter {
    let bytes = Mutex(ByteBuffer())

    func write(_ buffer: ByteBuffer) async throws {
        bytes.withLock { _ = $0.writeImmutableBuffer(buffer) }
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}
