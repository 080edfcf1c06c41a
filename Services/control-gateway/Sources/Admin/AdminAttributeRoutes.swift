import Bus
import ControlModel
import Foundation
import Hummingbird
import PolicyLanguage
import ServiceKit

/// Attributes of devices: read all that policies can look at, set and remove those under `custom:`.
///
/// Paths and bodies are those of Tailscale's API.
struct AdminAttributeRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("node/{id}/attributes") { _, context in try await list(context) }
        group.post("node/{id}/attributes/{key}") { request, context in try await set(request, context) }
        group.delete("node/{id}/attributes/{key}") { _, context in try await remove(context) }
    }

    private func list(_ context: SurfaceContext) async throws -> Response {
        let node = try await registry.ask(GetNode(node: try context.adminIdentifier("id", of: NodeID.self)))
        return try AdminResponse.json(AdminAttributesBody(node))
    }

    private func set(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let (node, name) = try target(context)
        let body = try await AdminRequestBody.decode(AttributeBody.self, from: request)
        let attribute = DeviceAttribute(
            name: name,
            value: body.value,
            expiry: try AdminTime.date(body.expiry, at: "body.expiry"),
            comment: body.comment ?? ""
        )
        let changed = try await registry.ask(SetNodeAttribute(node: node, name: name, attribute: attribute))
        return try AdminResponse.json(AdminAttributesBody(changed))
    }

    private func remove(_ context: SurfaceContext) async throws -> Response {
        let (node, name) = try target(context)
        _ = try await registry.ask(SetNodeAttribute(node: node, name: name, attribute: nil))
        return try AdminResponse.done()
    }

    private func target(_ context: SurfaceContext) throws(AdminProblem) -> (NodeID, String) {
        let node = try context.adminIdentifier("id", of: NodeID.self)
        let name = try context.adminText("key")
        if let fault = DeviceAttribute.nameFault(name) { throw .badField("path.key", fault) }
        return (node, name)
    }

    private struct AttributeBody: Decodable {
        var value: DeviceAttribute.Value
        var expiry: String?
        var comment: String?
    }
}

/// What policies can look at of a device, as the admin API writes it.
struct AdminAttributesBody: Encodable, Sendable {
    /// Those that the client tells of itself as well, under `node:`.
    var attributes: [String: DeviceAttribute.Value]
    /// When they end, of those that do.
    var expiries: [String: String]
    /// Why they were set, where somebody said.
    var comments: [String: String]

    init(_ node: Node) {
        attributes = PolicyNode(node).attributes.mapValues { value in
            switch value {
            case .string(let value): .string(value)
            case .number(let value): .number(value)
            case .bool(let value): .bool(value)
            }
        }
        expiries = [:]
        comments = [:]
        for attribute in node.attributes {
            expiries[attribute.name] = attribute.expiry.map(AdminTime.text)
            if !attribute.comment.isEmpty { comments[attribute.name] = attribute.comment }
        }
    }
}
