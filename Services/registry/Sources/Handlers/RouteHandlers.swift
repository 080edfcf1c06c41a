import Bus
import ControlModel
import Foundation
import IPAddresses
import Storage

extension Registry {
    func serveRoutes(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(SetNodeRoutes.self, in: &group) { try await self.setRoutes($0) }
        serve(ApproveNodeRoutes.self, in: &group) { try await self.approveRoutes($0) }
        serve(ReportRouterHealth.self, in: &group) { try await self.reportHealth($0) }
    }

    private func setRoutes(_ request: SetNodeRoutes) async throws -> Node {
        let routes = try RouteApproval.checked(request.routes)
        return try await committing {
            var node = try await requireNode(request.node)
            node.approve(routes, at: dependencies.now())
            return Plan(.replaceNode(node), of: node)
        }
    }

    /// Of routers that fall silent together the one that was first is said to do so last: nothing moves then.
    private func reportHealth(_ report: ReportRouterHealth) async throws -> Done {
        guard report.healthy.count + report.unhealthy.count <= Self.healthLimit else {
            throw RequestFailure(.invalid, "more than \(Self.healthLimit) routers in one report")
        }
        return try await committing {
            let now = dependencies.now()
            let silent = try await connected(report.unhealthy).sorted { $0.rank > $1.rank }
            var writes: [RegistryWrite] = []
            for (index, node) in silent.enumerated() {
                var node = node
                node.setHealthy(false, at: now.addingTimeInterval(Double(index) / 1000))
                writes.append(.replaceNode(node))
            }
            for var node in try await connected(report.healthy) {
                node.setHealthy(true, at: now)
                writes.append(.replaceNode(node))
            }
            return Plan(writes: writes) { _ in Done() }
        }
    }

    /// Routers in one report.
    private static let healthLimit = 10_000

    private func connected(_ ids: [NodeID]) async throws -> [Node] {
        var nodes: [Node] = []
        for id in Set(ids).sorted() {
            if let node = try await store.node(id, tailnet: tailnet), node.isOnline { nodes.append(node) }
        }
        return nodes
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
