import Bus
import ControlModel
import Storage

extension Registry {
    func serveAudit(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(ListAuditRecords.self, in: &group) { request in
            try await self.store.auditRecords(request.query, tailnet: self.tailnet)
        }
        serve(RecordClientEvent.self, in: &group) { try await self.recordClientEvent($0) }
    }

    /// Whoever the node belongs to is who did it: the machine vouches for its node, and the node for its user.
    private func recordClientEvent(_ request: RecordClientEvent) async throws -> Done {
        guard (1...RecordClientEvent.actionLimit).contains(request.action.count),
            request.action.utf8.allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A) || $0 == 0x5F })
        else { throw RequestFailure(.invalid, "there is no action of this name to log") }
        guard request.details.count <= RecordClientEvent.detailsLimit else {
            throw RequestFailure(.invalid, "details are longer than \(RecordClientEvent.detailsLimit) characters")
        }
        let node = try await requireNode(request.node)
        let origin = RequestOrigin(actor: try await holder(of: node), source: RequestOrigin.current?.source)
        let fields = request.details.isEmpty ? [:] : ["details": request.details]
        return try await RequestOrigin.$current.withValue(origin) {
            try await AuditAction.$current.withValue(AuditCause.clientPrefix + request.action) {
                try await committing {
                    _ = try await requireNode(node.id)
                    return Plan(writes: [.noteNodeEvent(node.id, fields)]) { _ in Done() }
                }
            }
        }
    }

    /// Who has a node, in the words of the audit log.
    private func holder(of node: Node) async throws -> String {
        if node.isTagged { return "node \(node.id) \(node.tags.joined(separator: ","))" }
        guard let id = node.user else { return "node \(node.id)" }
        let user = try await store.user(id, tailnet: tailnet)
        return "user \(user?.name ?? "\(id)")"
    }
}
