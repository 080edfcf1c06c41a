import Bus
import ControlModel
import Logging
import ServiceKit

/// Keeps the copy of users and nodes in step with the registry: a snapshot, then events, gaps repaired by asking.
struct NetworkFollower: Sendable {
    private static let backoff = Backoff(first: .milliseconds(50), cap: .seconds(5), jitter: 0)

    let bus: any Bus
    let tailnet: TailnetID
    let network: LiveNetwork
    let clock: any Clock<Duration>
    let logger: Logger

    /// Follows until cancelled.
    func run() async throws {
        let events: AsyncStream<RegistryChanges>
        do {
            events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
        } catch BusError.cancelled {
            return
        }
        try await untilDone { try await loadSnapshot() }
        for await event in events where await network.apply(event.changes) {
            try await untilDone { try await repair() }
        }
    }

    private func repair() async throws {
        while true {
            let answer = try await bus.request(FetchChanges(since: await network.version), tailnet: tailnet)
            guard let changes = answer.changes else { return try await loadSnapshot() }
            if changes.isEmpty { return }
            if await network.apply(changes) { return try await loadSnapshot() }
        }
    }

    private func loadSnapshot() async throws {
        var users: [User] = []
        var nodes: [Node] = []
        var version: Version?
        var after: NodeID?
        repeat {
            let part = try await bus.request(FetchSnapshot(after: after), tailnet: tailnet)
            version = version ?? part.version
            users += part.users
            nodes += part.nodes
            after = part.next
        } while after != nil
        await network.replace(users: users, nodes: nodes, version: version ?? 0)
    }

    private func untilDone(_ work: () async throws -> Void) async throws {
        var attempt = 0
        while true {
            do {
                return try await work()
            } catch {
                try Task.checkCancellation()
                logger.warning("users and nodes are not available yet", metadata: [LogKey.error: "\(error)"])
                try await clock.sleep(for: Self.backoff.delay(attempt: attempt))
                attempt += 1
            }
        }
    }
}
