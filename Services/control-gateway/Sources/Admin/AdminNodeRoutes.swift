import Bus
import ControlModel
import Foundation
import Hummingbird
import IPAddresses
import ServiceKit

/// Nodes: list, get, delete, expire, rename, tag, approve, approve routes.
struct AdminNodeRoutes: Sendable {
    let registry: AdminRegistry
    let now: @Sendable () -> Date

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("node") { request, _ in try await list(request) }
        group.get("node/{id}") { _, context in try await get(context) }
        group.delete("node/{id}") { _, context in try await delete(context) }
        group.post("node/{id}/expire") { request, context in try await expire(request, context) }
        group.post("node/{id}/approve_routes") { request, context in try await approveRoutes(request, context) }
        group.post("node/{id}/rename/{newName}") { _, context in try await rename(context) }
        group.post("node/{id}/approve") { request, context in try await approve(request, context) }
        group.post("node/{id}/tags") { request, context in try await setTags(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let users = try await registry.usersByID()
        let nodes: [Node]
        if let text = request.adminQuery("user") {
            nodes = try await registry.ask(ListNodes(user: try AdminRegistry.user(text, among: users).id))
        } else {
            nodes = try await registry.ask(ListNodes())
        }
        let authKeys = try await registry.authKeysByID()
        let primaries = try await primaryRoutes(besides: nodes, areAll: request.adminQuery("user") == nil)
        let bodies = nodes.sorted { $0.id < $1.id }.map { node in
            AdminNodeBody(node, users: users, authKeys: authKeys, primaries: primaries)
        }
        return try AdminResponse.json(["nodes": bodies])
    }

    private func get(_ context: SurfaceContext) async throws -> Response {
        try await answer(with: registry.ask(GetNode(node: try context.adminIdentifier("id", of: NodeID.self))))
    }

    private func delete(_ context: SurfaceContext) async throws -> Response {
        _ = try await registry.ask(DeleteNode(node: try context.adminIdentifier("id", of: NodeID.self)))
        return try AdminResponse.done()
    }

    private func expire(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(ExpireBody.self, from: request)
        let query = request.adminQuery("expiry")
        let asked = try AdminTime.date(body.expiry ?? query, at: body.expiry == nil ? "query.expiry" : "body.expiry")
        let isDisabled = body.disableExpiry ?? (request.adminQuery("disableExpiry") == "true")
        guard asked == nil || !isDisabled else {
            throw AdminProblem.badField("body.disableExpiry", "cannot be given together with expiry")
        }
        return try await answer(
            with: registry.ask(SetNodeExpiry(node: node, expiry: isDisabled ? nil : asked ?? now()))
        )
    }

    private func rename(_ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        return try await answer(with: registry.ask(RenameNode(node: node, name: try context.adminText("newName"))))
    }

    private func approve(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(ApprovalBody.self, from: request)
        return try await answer(with: registry.ask(ApproveNode(node: node, isApproved: body.approved ?? true)))
    }

    private func setTags(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let tags = try await AdminRequestBody.decode(TagsBody.self, from: request).tags ?? []
        guard !tags.isEmpty else {
            throw AdminProblem.badField(
                "body.tags",
                "a node keeps one tag at least: without any it would belong to nobody"
            )
        }
        return try await answer(with: registry.ask(SetNodeTags(node: node, tags: tags)))
    }

    private func approveRoutes(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(RoutesBody.self, from: request)
        var routes: [IPPrefix] = []
        for (index, text) in body.routes.enumerated() {
            guard let route = IPPrefix(text) else {
                throw AdminProblem.badField("body.routes[\(index)]", "expected a prefix like 10.0.0.0/8 or fd00::/8")
            }
            routes.append(route)
        }
        return try await answer(with: registry.ask(SetNodeRoutes(node: node, routes: routes)))
    }

    func answer(with node: Node) async throws -> Response {
        let users = try await registry.usersByID()
        let authKeys = node.authKey == nil ? [:] : try await registry.authKeysByID()
        let primaries = try await primaryRoutes(besides: [node], areAll: false)
        let body = AdminNodeBody(node, users: users, authKeys: authKeys, primaries: primaries)
        return try AdminResponse.json(["node": body])
    }

    /// Who carries which route; others are asked about only where they can have the same ones.
    private func primaryRoutes(besides nodes: [Node], areAll: Bool) async throws -> PrimaryRoutes {
        guard !areAll, nodes.contains(where: { !$0.servedRoutes.isEmpty }) else { return PrimaryRoutes(nodes) }
        let known = Set(nodes.map(\.id))
        let others = try await registry.ask(ListNodes()).filter { !known.contains($0.id) }
        return PrimaryRoutes(others + nodes)
    }

    private struct RoutesBody: Decodable {
        var routes: [String]
    }

    private struct ApprovalBody: Decodable {
        var approved: Bool?
    }

    private struct TagsBody: Decodable {
        var tags: [String]?
    }

    private struct ExpireBody: Decodable {
        var expiry: String?
        var disableExpiry: Bool?
    }
}
