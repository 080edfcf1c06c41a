import Bus
import ControlModel
import IPAddresses
import Storage

extension Registry {
    func serveRoutes(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(SetNodeRoutes.self, in: &group) { try await self.setRoutes($0) }
        serve(ApproveNodeRoutes.self, in: &group) { try await self.approveRoutes($0) }
    }

    private func setRoutes(_ request: SetNodeRoutes) async throws -> Node {
        let routes = try RouteApproval.checked(request.routes)
        return try await committing {
            var node = try await requireNode(request.node)
            node.approve(routes, at: dependencies.now())
            return Plan(.replaceNode(node), of: node)
        }
    }

    /// What was approved before stays, also when the policy changes.
    private func approveRoutes(_ request: ApproveNodeRoutes) async throws -> Done {
        try await committing {
            var node = try await requireNode(request.node)
            let wanted = Set(request.routes.map(\.masked))
            let routes = RouteApproval.completed(
                node.approvedRoutes + node.announcedRoutes.filter(wanted.contains)
            )
            guard routes != node.approvedRoutes else { return .nothing(Done()) }
            guard routes.count <= RouteApproval.limit else {
                throw RequestFailure(.exhausted, "a node has at most \(RouteApproval.limit) approved routes")
            }
            node.approve(routes, at: dependencies.now())
            return Plan(writes: [.replaceNode(node)]) { _ in Done() }
        }
    }
}
