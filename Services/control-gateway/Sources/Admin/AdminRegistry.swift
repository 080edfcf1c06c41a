import Bus
import ControlModel
import HTTPTypes

/// What the admin API asks the registry, with refusals turned into problems.
struct AdminRegistry: Sendable {
    let bus: any Bus
    let tailnet: TailnetID

    func ask<Request: BusRequest>(_ request: Request) async throws(AdminProblem) -> Request.Response {
        do {
            return try await bus.request(request, tailnet: tailnet)
        } catch {
            throw AdminProblem(error)
        }
    }

    /// All users by id.
    func usersByID() async throws(AdminProblem) -> [UserID: User] {
        let users = try await ask(ListUsers())
        return Dictionary(users.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The user whom a caller names by login name or by id.
    static func user(_ text: String, among users: [UserID: User]) throws(AdminProblem) -> User {
        let user = users.values.first { $0.name == text } ?? UserID(text).flatMap { users[$0] }
        guard let user else { throw AdminProblem(.notFound, "there is no user \"\(text)\"") }
        return user
    }

    /// All auth keys by id.
    func authKeysByID() async throws(AdminProblem) -> [AuthKeyID: AuthKey] {
        let keys = try await ask(ListAuthKeys())
        return Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
