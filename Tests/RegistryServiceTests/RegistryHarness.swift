import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import Keys
import Logging
import Storage
import StorageSQLite
import Synchronization
import TestKit

@testable import RegistryService

/// A registry over a database of its own and a bus in process, with time that stands still.
struct RegistryHarness {
    let registry: Registry
    let bus: any Bus
    let store: any RegistryStore & PresenceStore & PendingLoginStore & SSHConfirmationStore
    let time: ManualTime
    let directory: TemporaryDirectory

    /// Runs `body` beside a registry; afterwards the registry is stopped.
    static func run(
        in directory: TemporaryDirectory? = nil,
        bus: any Bus = InProcessBus(),
        time: ManualTime = ManualTime(),
        store: (any RegistryStore & PresenceStore & PendingLoginStore & SSHConfirmationStore)? = nil,
        configure: (inout RegistryService.Configuration) -> Void = { _ in },
        _ body: (RegistryHarness) async throws -> Void
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        let store: any RegistryStore & PresenceStore & PendingLoginStore & SSHConfirmationStore =
            if let store { store } else { try SQLiteStore(path: directory.path("registry.sqlite")) }
        var configuration = RegistryService.Configuration(masterKey: .file(directory.path("master.key")))
        configure(&configuration)
        let registry = try await Registry.start(
            configuration,
            .init(
                store: store,
                logins: store,
                bus: bus,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { time.now },
                uptime: { time.uptime }
            )
        )
        let harness = RegistryHarness(registry: registry, bus: bus, store: store, time: time, directory: directory)
        try await withThrowingTaskGroup { group in
            group.addTask { try await registry.run() }
            // From here on, what the registry sees of presence is as old as the test says.
            await registry.watchPresence()
            try await body(harness)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func ask<Request: BusRequest>(_ request: Request) async throws -> Request.Response {
        try await bus.request(request, tailnet: .default, timeout: .seconds(60))
    }

    func user(_ name: String = "alice") async throws -> User {
        try await ask(CreateUser(name: name))
    }

    /// A new auth key's text.
    func authKey(
        _ user: UserID? = nil,
        tags: [String] = [],
        isReusable: Bool = true,
        isEphemeral: Bool = false
    ) async throws -> String {
        let request = CreateAuthKey(
            user: user,
            tags: tags,
            isReusable: isReusable,
            isEphemeral: isEphemeral,
            expiry: nil
        )
        return try await ask(request).secret
    }

    func register(_ request: RegisterNode) async throws -> RegisterNode.Response {
        try await ask(request)
    }

    /// Registers and expects to be let in.
    func admit(_ request: RegisterNode) async throws -> Node {
        let response = try await register(request)
        guard case .registered(let node, _) = response else { throw Unexpected(description: "\(response)") }
        return node
    }

    /// Lets time go by, with looks at presence as seldom as they may be, and one at the end.
    func pass(_ duration: Duration) async {
        var rest = duration
        while rest > .zero {
            let step = min(rest, registry.configuration.presencePatience)
            time.advance(by: step)
            await registry.watchPresence()
            rest -= step
        }
    }

    func node(_ id: NodeID) async throws -> Node? {
        try await store.node(id, tailnet: .default)
    }

    func version() async throws -> Version {
        try await store.version(of: .default)
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

/// Both clocks of a registry, moved by hand.
final class ManualTime: Sendable {
    private struct State {
        var elapsed = Duration.zero
        var step = Duration.zero
    }

    private let state = Mutex(State())

    var uptime: Duration { state.withLock { $0.elapsed } }
    var now: Date { state.withLock { Date.fixture.addingTimeInterval(($0.elapsed + $0.step) / .seconds(1)) } }

    func advance(by duration: Duration) {
        state.withLock { $0.elapsed += duration }
    }

    /// Sets the wall clock alone.
    func stepWallClock(by duration: Duration) {
        state.withLock { $0.step += duration }
    }
}

extension RegisterNode {
    /// A device's request; equal numbers give the same keys.
    static func fixture(
        machine: Int = 1,
        node: Int = 1,
        old: Int? = nil,
        authKey: String? = nil,
        hostname: String = "laptop",
        requestTags: [String] = [],
        isEphemeral: Bool = false,
        expiry: Date? = nil,
        capability: Int = 113
    ) -> RegisterNode {
        var hostinfo = Hostinfo.fixture(hostname: hostname)
        hostinfo.requestTags = requestTags
        return RegisterNode(
            machineKey: .fixture(machine),
            nodeKey: .fixture(node),
            oldNodeKey: old.map { .fixture($0) },
            authKey: authKey,
            hostinfo: hostinfo,
            isEphemeral: isEphemeral,
            expiry: expiry,
            capabilityVersion: CapabilityVersion(capability)
        )
    }
}
