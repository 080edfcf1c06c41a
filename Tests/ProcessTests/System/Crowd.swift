import TailcfgWire
import TestKit

/// Many clients that come in, stay and come back, as official ones do: what is refused for now is asked again.
struct Crowd: Sendable {
    let nodes: [SimulatedNode]

    /// - Parameter name: host name of the client with this number.
    /// - Parameter address: where it connects.
    init(_ count: Int, name: (Int) -> String, address: (Int) throws -> ServerAddress) rethrows {
        nodes = try (0..<count).map { SimulatedNode(try address($0), hostname: name($0)) }
    }

    /// Registers all, some at once; returns when each was let in.
    func register(with key: String) async throws {
        try await each { try await $0.admitted(with: key) }
    }

    /// Starts a map stream for each; returns when all have begun.
    func startMaps() async throws {
        try await each { try await $0.startMap(SimulatedNode.MapOptions(isRead: false)) }
    }

    /// Moves all to another server.
    func move(to address: ServerAddress) async {
        for node in nodes { await node.move(to: address) }
    }

    /// Whether every client has a stream that has brought something and goes on.
    func areConnected() async -> Bool {
        for node in nodes {
            guard let snapshot = await node.session?.snapshot, snapshot.byteCount > 0, snapshot.ending == nil else {
                return false
            }
        }
        return true
    }

    /// Does something with each, some at once; what fails is repeated, unless the server said no for good.
    private func each(_ body: @escaping @Sendable (SimulatedNode) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, node) in nodes.enumerated() {
                if number >= Self.atOnce { try await group.next() }
                group.addTask { try await Self.insist(node, body) }
            }
            try await group.waitForAll()
        }
    }

    private static let atOnce = 25

    private static func insist(
        _ node: SimulatedNode,
        _ body: @Sendable (SimulatedNode) async throws -> Void
    ) async throws {
        try await eventually("a client is served", within: .seconds(60)) {
            do {
                try await body(node)
                return true
            } catch let refusal as Refused {
                throw refusal
            } catch {
                await node.disconnect()
                return false
            }
        }
    }
}

/// The server said no for good.
struct Refused: Error {}

extension SimulatedNode {
    /// Registers; throws ``Refused`` where the server says no for good.
    func admitted(with key: String) async throws {
        let answer = try await register(authKey: key)
        guard answer.error == "", answer.isMachineAuthorized else { throw Refused() }
    }
}
