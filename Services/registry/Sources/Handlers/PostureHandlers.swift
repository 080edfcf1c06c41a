import Bus
import ControlModel
import Storage

extension Registry {
    func servePosture(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(ReportPostureIdentity.self, in: &group) { try await self.reportPostureIdentity($0) }
    }

    /// What a device says of itself is not in the audit log, which tells what people decided.
    private func reportPostureIdentity(_ report: ReportPostureIdentity) async throws -> Done {
        let identity = PostureIdentity(
            serialNumbers: report.serialNumbers,
            hardwareAddresses: report.hardwareAddresses,
            isDisabled: report.isDisabled,
            collectedAt: dependencies.now()
        )
        return try await committing {
            var node = try await requireNode(report.node)
            guard identity.isNews(after: node.postureIdentity) else { return .nothing(Done()) }
            node.postureIdentity = identity
            return Plan(writes: [.replaceNode(node)]) { _ in Done() }
        }
    }
}
