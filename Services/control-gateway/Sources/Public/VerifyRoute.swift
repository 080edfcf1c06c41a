import Bus
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import Keys
import NIOCore
import ServiceKit

/// Tells relays of other makers whom to let in: `derper --verify-client-url https://vpn.example.com/verify`.
///
/// - Source: `tailcfg.DERPAdmitClientRequest` and `DERPAdmitClientResponse`.
struct VerifyRoute: Sendable {
    /// Longest request body, in bytes; beyond it 413.
    static let bodyLimit = 4 << 10

    let engine: NetmapEngine
    let bus: any Bus
    let tailnet: TailnetID
    let now: @Sendable () -> Date
    /// Refused keys: nobody can look for keys that are known.
    private let refusals = AttemptLimiter(burst: 60, interval: .seconds(1))

    init(engine: NetmapEngine, bus: any Bus, tailnet: TailnetID, now: @escaping @Sendable () -> Date) {
        self.engine = engine
        self.bus = bus
        self.tailnet = tailnet
        self.now = now
    }

    func register(on router: Router<SurfaceContext>) {
        router.post("/verify") { request, context in await answer(request, from: context.connection.source) }
    }

    private func answer(_ request: Request, from source: String?) async -> Response {
        if let delay = refusals.delay(for: source) {
            ControlGatewayMetrics.limited("verify")
            return Response(status: .tooManyRequests, headers: [.retryAfter: "\(delay.retrySeconds)"])
        }
        guard let buffer = try? await request.body.collect(upTo: Self.bodyLimit) else {
            return Response(status: .contentTooLarge)
        }
        guard let question = try? JSONDecoder().decode(Question.self, from: Data(buffer.readableBytesView)),
            let key = NodePublicKey(question.NodePublic)
        else {
            return Response(status: .badRequest)
        }
        let isAllowed: Bool
        do {
            isAllowed = try await node(key).map { $0.isApproved && !$0.isExpired(at: now()) } ?? false
        } catch {
            return Response(status: .serviceUnavailable)
        }
        if !isAllowed { refusals.note(source) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"Allow":\#(isAllowed)}"#))
        )
    }

    /// A node of the copy, or one that the registry has and the copy has not yet.
    private func node(_ key: NodePublicKey) async throws(BusError) -> Node? {
        if let node = await engine.node(withKey: key) { return node }
        return try await bus.request(LookupNode(nodeKey: key), tailnet: tailnet).node
    }

    /// Named as on the wire.
    private struct Question: Decodable {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var NodePublic: String
    }
}
