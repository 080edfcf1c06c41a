import Bus
import ControlModel
import Keys
import Storage

extension Registry {
    /// What other services keep copies of.
    func serveReplicas(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(FetchServerKey.self, in: &group) { _ in .init(noiseKey: self.noiseKey.secretText) }
        serve(FetchChanges.self, in: &group) { try await self.changes($0) }
        serve(FetchSnapshot.self, in: &group) { try await self.snapshot($0) }
        serve(LookupNode.self, in: &group) { request in
            .init(node: try await self.store.node(withNodeKey: request.nodeKey, tailnet: self.tailnet))
        }
        serve(CheckRegistry.self, in: &group) { _ in
            try await self.store.ping()
            return Done()
        }
    }

    private func changes(_ request: FetchChanges) async throws -> FetchChanges.Response {
        let changes = try await store.changes(
            since: request.since,
            tailnet: tailnet,
            limit: configuration.pageLength
        )
        return .init(changes: changes, version: try await store.version(of: tailnet))
    }

    /// The version is read first: rows may be newer than it, never older.
    private func snapshot(_ request: FetchSnapshot) async throws -> FetchSnapshot.Response {
        let version = try await store.version(of: tailnet)
        let users = request.after == nil ? try await store.users(tailnet: tailnet) : []
        let nodes = try await store.nodes(after: request.after, limit: configuration.pageLength, tailnet: tailnet)
        let next = nodes.count == configuration.pageLength ? nodes.last?.id : nil
        return .init(version: version, users: users, nodes: nodes, next: next)
    }
}
