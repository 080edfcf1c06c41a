import Bus
import ControlModel
import Hummingbird
import ServiceKit

/// Users: create, list, rename, give a role, delete.
struct AdminUserRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("user") { request, _ in try await create(request) }
        group.get("user") { request, _ in try await list(request) }
        group.post("user/{id}/rename/{newName}") { _, context in try await rename(context) }
        group.post("user/{id}/role") { request, context in try await setRole(request, context) }
        group.delete("user/{id}") { _, context in try await delete(context) }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(CreateBody.self, from: request)
        let user = try await registry.ask(
            CreateUser(
                name: body.name ?? "",
                displayName: body.displayName ?? "",
                email: body.email ?? "",
                profilePictureURL: body.pictureUrl ?? ""
            )
        )
        return try AdminResponse.json(["user": AdminUserBody(user)])
    }

    private func list(_ request: Request) async throws -> Response {
        let id = try request.adminQuery("id").map { try UserID(admin: $0, at: "query.id") }
        let name = request.adminQuery("name")
        let email = request.adminQuery("email")
        let users = try await registry.ask(ListUsers())
            .filter { id == nil || $0.id == id }
            .filter { name == nil || $0.name == name }
            .filter { email == nil || $0.email == email }
            .sorted { $0.id < $1.id }
        return try AdminResponse.json(["users": users.map(AdminUserBody.init)])
    }

    private func rename(_ context: SurfaceContext) async throws -> Response {
        let user = try context.adminIdentifier("id", of: UserID.self)
        let renamed = try await registry.ask(RenameUser(user: user, name: try context.adminText("newName")))
        return try AdminResponse.json(["user": AdminUserBody(renamed)])
    }

    private func setRole(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let user = try context.adminIdentifier("id", of: UserID.self)
        let body = try await AdminRequestBody.decode(RoleBody.self, from: request)
        guard let role = UserRole(rawValue: body.role ?? "") else {
            let known = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw AdminProblem.badField("body.role", "expected one of \(known)")
        }
        let changed = try await registry.ask(SetUserRole(user: user, role: role))
        return try AdminResponse.json(["user": AdminUserBody(changed)])
    }

    private func delete(_ context: SurfaceContext) async throws -> Response {
        _ = try await registry.ask(DeleteUser(user: try context.adminIdentifier("id", of: UserID.self)))
        return try AdminResponse.done()
    }

    private struct RoleBody: Decodable {
        var role: String?
    }

    private struct CreateBody: Decodable {
        var name: String?
        var displayName: String?
        var email: String?
        var pictureUrl: String?
    }
}
