import Bus
import ControlModel
import Foundation
import Hummingbird
import ServiceKit

/// Auth keys: create, list, expire, delete.
struct AdminAuthKeyRoutes: Sendable {
    let registry: AdminRegistry
    let now: @Sendable () -> Date

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("preauthkey") { request, _ in try await create(request) }
        group.get("preauthkey") { _, _ in try await list() }
        group.post("preauthkey/expire") { request, _ in try await expire(request) }
        group.delete("preauthkey") { request, _ in try await delete(request) }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(CreateBody.self, from: request)
        let user = try body.user.flatMap { $0.isUnset ? nil : $0.text }
            .map { try UserID(admin: $0, at: "body.user") }
        let tags = body.aclTags ?? []
        guard user != nil || !tags.isEmpty else {
            throw AdminProblem.badField("body.user", "an auth key needs a user or tags")
        }
        let expiry = try AdminTime.date(body.expiration, at: "body.expiration")
        if let expiry, expiry <= now() {
            throw AdminProblem.badField("body.expiration", "is in the past")
        }
        let made = try await registry.ask(
            CreateAuthKey(
                user: user,
                tags: tags,
                isReusable: body.reusable ?? false,
                isEphemeral: body.ephemeral ?? false,
                isPreapproved: body.preapproved ?? false,
                expiry: expiry
            )
        )
        let owner = try await owner(of: made.key)
        return try AdminResponse.json(["preAuthKey": AdminAuthKeyBody(made.key, owner: owner, secret: made.secret)])
    }

    private func owner(of key: AuthKey) async throws(AdminProblem) -> User? {
        guard let user = key.user else { return nil }
        return try await registry.usersByID()[user]
    }

    private func list() async throws -> Response {
        let users = try await registry.usersByID()
        let keys = try await registry.ask(ListAuthKeys()).sorted { $0.id < $1.id }
        let bodies = keys.map { key in AdminAuthKeyBody(key, owner: key.user.flatMap { users[$0] }) }
        return try AdminResponse.json(["preAuthKeys": bodies])
    }

    private func expire(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(ExpireBody.self, from: request)
        _ = try await registry.ask(ExpireAuthKey(key: try AuthKeyID(admin: body.id.text, at: "body.id")))
        return try AdminResponse.done()
    }

    private func delete(_ request: Request) async throws -> Response {
        guard let text = request.adminQuery("id") else { throw AdminProblem.badField("query.id", "is missing") }
        _ = try await registry.ask(DeleteAuthKey(key: try AuthKeyID(admin: text, at: "query.id")))
        return try AdminResponse.done()
    }

    private struct CreateBody: Decodable {
        var user: AdminIdentifierText?
        var reusable: Bool?
        var ephemeral: Bool?
        var preapproved: Bool?
        var expiration: String?
        var aclTags: [String]?
    }

    private struct ExpireBody: Decodable {
        var id: AdminIdentifierText
    }
}
