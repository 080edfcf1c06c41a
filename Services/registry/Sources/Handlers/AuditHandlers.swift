import Bus
import ControlModel
import Storage

extension Registry {
    func serveAudit(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(ListAuditRecords.self, in: &group) { request in
            try await self.store.auditRecords(request.query, tailnet: self.tailnet)
        }
    }
}
