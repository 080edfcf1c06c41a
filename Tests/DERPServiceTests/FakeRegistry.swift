import Bus
import ControlModel
import Keys
import Synchronization

/// The part of a registry that relays ask, in memory.
final class FakeRegistry: Sendable {
    private struct State {
        var nodes: [NodeID: Node] = [:]
        var version: Version = 1
        var log: [RegistryChange] = []
    }

    private let state = Mutex(State())
    private let bus: any Bus

    init(bus: any Bus) {
        self.bus = bus
    }

    /// Answers until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { try? await self.bus.serve(LookupNode.self, tailnet: .default) { self.lookUp($0) } }
            group.addTask { try? await self.bus.serve(FetchSnapshot.self, tailnet: .default) { self.snapshot($0) } }
            group.addTask { try? await self.bus.serve(FetchChanges.self, tailnet: .default) { self.changes($0) } }
        }
    }

    /// Commits a node; publishes it unless the event is to be lost.
    func save(_ node: Node, isLost: Bool = false) async throws {
        let change = state.withLock { state in
            state.version += 1
            var node = node
            node.version = state.version
            state.nodes[node.id] = node
            state.log.append(RegistryChange(version: state.version, subject: .node(node)))
            return state.log.suffix(1)
        }
        if !isLost { try await bus.publish(RegistryChanges(changes: Array(change)), tailnet: .default) }
    }

    func remove(_ id: NodeID) async throws {
        let change = state.withLock { state in
            state.version += 1
            state.nodes[id] = nil
            state.log.append(RegistryChange(version: state.version, subject: .nodeRemoved(id)))
            return state.log.suffix(1)
        }
        try await bus.publish(RegistryChanges(changes: Array(change)), tailnet: .default)
    }

    /// Says which version there is, as registries do regularly.
    func publishVersion() async throws {
        let version = state.withLock { $0.version }
        try await bus.publish(RegistryChanges(changes: [], version: version), tailnet: .default)
    }

    private func lookUp(_ request: LookupNode) -> LookupNode.Response {
        LookupNode.Response(node: state.withLock { $0.nodes.values.first { $0.nodeKey == request.nodeKey } })
    }

    /// One node a part, so that readers must ask on.
    private func snapshot(_ request: FetchSnapshot) -> FetchSnapshot.Response {
        state.withLock { state in
            let rest = state.nodes.values.filter { node in request.after.map { node.id > $0 } ?? true }.sorted {
                $0.id < $1.id
            }
            return FetchSnapshot.Response(
                version: state.version,
                users: [],
                nodes: Array(rest.prefix(1)),
                next: rest.count > 1 ? rest.first?.id : nil
            )
        }
    }

    private func changes(_ request: FetchChanges) -> FetchChanges.Response {
        state.withLock { state in
            FetchChanges.Response(changes: state.log.filter { $0.version > request.since }, version: state.version)
        }
    }
}
