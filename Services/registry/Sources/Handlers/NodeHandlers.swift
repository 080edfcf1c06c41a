import Bus
import ControlModel
import CoreMetrics
import Storage

extension Registry {
    func serveNodes(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(GetNode.self, in: &group) { try await self.requireNode($0.node) }
        serve(ListNodes.self, in: &group) { try await self.listNodes($0) }
        serve(DeleteNode.self, in: &group) { try await self.deleteNode($0.node) }
        serve(SetNodeExpiry.self, in: &group) { try await self.setExpiry($0) }
        serve(RenameNode.self, in: &group) { try await self.renameNode($0) }
        serve(ReportNodeStatus.self, in: &group) { request in
            self.metrics.statusReports.increment()
            try self.statusWriter.add(request.status, of: request.node)
            return Done()
        }
        serve(ReportPresence.self, in: &group) { try await self.reportPresence($0) }
    }

    private func listNodes(_ request: ListNodes) async throws -> [Node] {
        if let user = request.user { _ = try await requireUser(user) }
        var nodes: [Node] = []
        try await store.forEachNode(of: tailnet, pageLength: configuration.pageLength) { node in
            if request.user == nil || node.user == request.user { nodes.append(node) }
        }
        return nodes
    }

    private func deleteNode(_ id: NodeID) async throws -> Done {
        try await committing {
            let node = try await requireNode(id)
            return Plan(writes: [.deleteNode(id)], removed: node) { _ in Done() }
        }
    }

    private func setExpiry(_ request: SetNodeExpiry) async throws -> Node {
        try await committing {
            var node = try await requireNode(request.node)
            node.expiry = request.expiry
            return Plan(.replaceNode(node), of: node)
        }
    }

    private func renameNode(_ request: RenameNode) async throws -> Node {
        if let fault = NodeNaming.fault(request.name) { throw RequestFailure(.invalid, fault) }
        return try await committing {
            var node = try await requireNode(request.node)
            if node.givenName != request.name {
                let taken = try await store.givenNames(like: request.name, tailnet: tailnet)
                guard !taken.contains(request.name) else {
                    throw RequestFailure(.conflict, "a node named \(request.name) exists already")
                }
            }
            (node.givenName, node.isNamePinned) = (request.name, true)
            return Plan(.replaceNode(node), of: node)
        }
    }

    func requireNode(_ id: NodeID) async throws -> Node {
        guard let node = try await store.node(id, tailnet: tailnet) else {
            throw RequestFailure(.notFound, "node \(id) not found; list nodes with: swiftscale nodes list")
        }
        return node
    }
}
