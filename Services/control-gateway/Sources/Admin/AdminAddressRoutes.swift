import Bus
import ControlModel
import Hummingbird
import IPAddresses
import ServiceKit

/// Addresses of nodes: set them, and give nodes those that they lack.
struct AdminAddressRoutes: Sendable {
    let nodes: AdminNodeRoutes

    private var registry: AdminRegistry { nodes.registry }

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("node/backfillips") { request, _ in try await backfill(request) }
        group.post("node/{id}/ip") { request, context in try await set(request, context) }
    }

    private func backfill(_ request: Request) async throws -> Response {
        if request.adminQuery("dry_run") == "true" {
            let plan = try await registry.ask(PlanAddressBackfill())
            return try AdminResponse.json(PlanBody(changes: plan.changes, nodes: plan.nodes))
        }
        guard request.adminQuery("confirmed") == "true" else {
            throw AdminProblem.badField("query.confirmed", "must be true: nodes get other addresses")
        }
        var changes: [String] = []
        while true {
            let answer = try await registry.ask(BackfillAddresses())
            changes += answer.changes
            // Without any change there would be no end.
            if answer.isComplete || answer.changes.isEmpty { return try AdminResponse.json(["changes": changes]) }
        }
    }

    private func set(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(AddressBody.self, from: request)
        guard body.ipv4 != nil || body.ipv6 != nil else { throw AdminProblem.badField("body.ipv4", "is missing") }
        let ipv4 = try body.ipv4.map { text throws(AdminProblem) in
            guard let address = IPv4Address(text) else {
                throw AdminProblem.badField("body.ipv4", "expected an address like 100.64.0.7")
            }
            return address
        }
        let ipv6 = try body.ipv6.map { text throws(AdminProblem) in
            guard let address = IPv6Address(text) else {
                throw AdminProblem.badField("body.ipv6", "expected an address like fd7a:115c:a1e0::7")
            }
            return address
        }
        let changed = try await registry.ask(SetNodeAddresses(node: node, ipv4: ipv4, ipv6: ipv6))
        return try await nodes.answer(with: changed)
    }

    private struct PlanBody: Encodable {
        var changes: [String]
        var nodes: Int
    }

    private struct AddressBody: Decodable {
        var ipv4: String?
        var ipv6: String?
    }
}
