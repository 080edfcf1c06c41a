import Bus
import ControlModel
import Hummingbird
import Keys
import ServiceKit

/// Logins that wait for a person: list, register for a user, approve, reject.
struct AdminLoginRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("auth") { _, _ in try await list() }
        group.post("auth/register") { request, _ in try await register(request) }
        group.post("auth/approve") { request, _ in try await approve(request) }
        group.post("auth/reject") { request, _ in try await reject(request) }
        group.post("node/register") { request, _ in try await registerNode(request) }
    }

    private func list() async throws -> Response {
        let logins = try await registry.ask(ListLogins())
        return try AdminResponse.json(["logins": logins.map(AdminLoginBody.init)])
    }

    private func register(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(RegisterBody.self, from: request)
        let login = try Self.login(body.authId, at: "body.authId")
        return try await admit(login, user: try await user(body.user?.text ?? "", at: "body.user"))
    }

    /// Without a user: as one of whoever had the device before.
    private func approve(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(LoginBody.self, from: request)
        _ = try await registry.ask(ApproveLogin(login: try Self.login(body.authId, at: "body.authId"), user: nil))
        return try AdminResponse.done()
    }

    private func reject(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(LoginBody.self, from: request)
        _ = try await registry.ask(RejectLogin(login: try Self.login(body.authId, at: "body.authId")))
        return try AdminResponse.done()
    }

    /// The older form: the key is the login's id, or the node key that the device shows.
    private func registerNode(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(OlderBody.self, from: request)
        let key = body.key ?? request.adminQuery("key") ?? ""
        let user = try await user(body.user?.text ?? request.adminQuery("user") ?? "", at: "query.user")
        if let login = LoginID(endOf: key) { return try await admit(login, user: user) }
        let logins = try await registry.ask(ListLogins()).filter {
            $0.nodeKey.text == key && $0.state == .waiting && $0.check == nil
        }
        guard let login = logins.first else {
            throw AdminProblem(
                .notFound,
                "no device with this key waits; list those that do with: swiftscale auth list"
            )
        }
        guard logins.count == 1 else {
            throw AdminProblem(.conflict, "several devices show this key: name the login by its id instead")
        }
        return try await admit(login.id, user: user)
    }

    private func admit(_ login: LoginID, user: User) async throws -> Response {
        let node = try await registry.ask(ApproveLogin(login: login, user: user.id))
        let body = AdminNodeBody(node, users: [user.id: user], authKeys: [:], primaries: PrimaryRoutes([node]))
        return try AdminResponse.json(["node": body])
    }

    private func user(_ text: String, at location: String) async throws(AdminProblem) -> User {
        guard !text.isEmpty else { throw .badField(location, "name the user who is to own the device") }
        return try AdminRegistry.user(text, among: try await registry.usersByID())
    }

    private static func login(_ text: String?, at location: String) throws(AdminProblem) -> LoginID {
        guard let login = text.flatMap({ LoginID(endOf: $0) }) else {
            throw .badField(location, "expected the id of a login, \(LoginID.prefix) and 24 hexadecimal digits")
        }
        return login
    }

    private struct LoginBody: Decodable {
        var authId: String?
    }

    private struct RegisterBody: Decodable {
        var authId: String?
        var user: AdminIdentifierText?
    }

    private struct OlderBody: Decodable {
        var key: String?
        var user: AdminIdentifierText?
    }
}

/// A login as the admin API writes it.
struct AdminLoginBody: Encodable, Sendable {
    var id: String
    var hostname: String
    var os: String
    var machineKey: String
    var nodeKey: String
    /// Tags that the device asks for.
    var tags: [String]
    /// Where the request came from; of IPv6 the network.
    var source: String
    /// `waiting`, `approved`, `rejected` or `done`.
    var state: String
    /// What waits instead of a device: a login by SSH from this node, whose host and keys these are, to another.
    var sshCheck: AdminSSHCheckBody?
    var createdAt: String
    var expiration: String

    init(_ login: PendingLogin) {
        id = login.id.rawValue
        hostname = login.hostinfo.hostname
        os = login.hostinfo.os
        machineKey = login.machineKey.text
        nodeKey = login.nodeKey.text
        tags = login.hostinfo.requestTags
        source = login.source
        state =
            switch login.state {
            case .waiting: "waiting"
            case .approved: "approved"
            case .rejected: "rejected"
            case .done: "done"
            }
        sshCheck = login.check.map(AdminSSHCheckBody.init)
        createdAt = AdminTime.text(login.createdAt)
        expiration = AdminTime.text(login.deadline)
    }
}

/// A login by SSH that waits to be confirmed.
struct AdminSSHCheckBody: Encodable, Sendable {
    var sourceNode: String
    var destinationNode: String
    var localUser: String

    init(_ check: SSHCheck) {
        sourceNode = check.source.description
        destinationNode = check.destination.description
        localUser = check.localUser
    }
}
