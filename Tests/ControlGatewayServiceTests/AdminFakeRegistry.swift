import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import Keys
import TestKit

/// A registry in memory that keeps the rules the admin API's callers can see.
actor AdminFakeRegistry {
    static let epoch = Date(timeIntervalSince1970: 1_800_000_000)
    static let goodKey = "hskey-api-0123456789ab-good"

    private(set) var users: [UserID: User] = [:]
    private(set) var nodes: [NodeID: Node] = [:]
    private(set) var authKeys: [AuthKeyID: AuthKey] = [:]
    private(set) var apiKeys: [APIKeyID: APIKey] = [:]
    /// Logins that wait for a person.
    private(set) var logins: [PendingLogin] = []
    /// Secrets that callers asked about, in order.
    private(set) var authentications: [String] = []
    private var lastID: Int64 = 0
    private var isAway = false
    private var backfills = 0

    func goAway() { isAway = true }

    func add(_ node: Node) { nodes[node.id] = node }

    func add(_ login: PendingLogin) { logins.append(login) }

    /// Answers requests until the task is cancelled.
    func serve(on bus: InProcessBus) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.serve(CheckRegistry.self, tailnet: .default) { _ in try await self.check() } }
            group.addTask { try await bus.serve(CreateUser.self, tailnet: .default) { try await self.create($0) } }
            group.addTask {
                try await bus.serve(ListUsers.self, tailnet: .default) { _ in await Array(self.users.values) }
            }
            group.addTask { try await bus.serve(RenameUser.self, tailnet: .default) { try await self.rename($0) } }
            group.addTask { try await bus.serve(SetUserRole.self, tailnet: .default) { try await self.setRole($0) } }
            group.addTask { try await bus.serve(DeleteUser.self, tailnet: .default) { try await self.delete($0) } }
            group.addTask { try await bus.serve(CreateAuthKey.self, tailnet: .default) { try await self.create($0) } }
            group.addTask {
                try await bus.serve(ListAuthKeys.self, tailnet: .default) { _ in await Array(self.authKeys.values) }
            }
            group.addTask { try await bus.serve(ExpireAuthKey.self, tailnet: .default) { try await self.expire($0) } }
            group.addTask { try await bus.serve(DeleteAuthKey.self, tailnet: .default) { try await self.delete($0) } }
            group.addTask { try await bus.serve(CreateAPIKey.self, tailnet: .default) { try await self.create($0) } }
            group.addTask {
                try await bus.serve(ListAPIKeys.self, tailnet: .default) { _ in await Array(self.apiKeys.values) }
            }
            group.addTask { try await bus.serve(ExpireAPIKey.self, tailnet: .default) { try await self.expire($0) } }
            group.addTask { try await bus.serve(DeleteAPIKey.self, tailnet: .default) { try await self.delete($0) } }
            group.addTask {
                try await bus.serve(AuthenticateAPIKey.self, tailnet: .default) { try await self.authenticate($0) }
            }
            group.addTask { try await bus.serve(ListLogins.self, tailnet: .default) { _ in await self.logins } }
            group.addTask { try await bus.serve(ApproveLogin.self, tailnet: .default) { try await self.approve($0) } }
            group.addTask { try await bus.serve(RejectLogin.self, tailnet: .default) { try await self.reject($0) } }
            group.addTask { try await bus.serve(ListNodes.self, tailnet: .default) { await self.list($0) } }
            group.addTask {
                try await bus.serve(RecordClientQuestion.self, tailnet: .default) { try await self.node($0.node) }
            }
            group.addTask { try await bus.serve(GetNode.self, tailnet: .default) { try await self.node($0.node) } }
            group.addTask { try await bus.serve(DeleteNode.self, tailnet: .default) { try await self.delete($0) } }
            group.addTask { try await bus.serve(ApproveNode.self, tailnet: .default) { try await self.approve($0) } }
            group.addTask { try await bus.serve(SetNodeTags.self, tailnet: .default) { try await self.setTags($0) } }
            group.addTask { try await bus.serve(SetNodeExpiry.self, tailnet: .default) { try await self.expire($0) } }
            group.addTask { try await bus.serve(RenameNode.self, tailnet: .default) { try await self.rename($0) } }
            group.addTask {
                try await bus.serve(BackfillAddresses.self, tailnet: .default) { _ in await self.backfill() }
            }
            group.addTask {
                try await bus.serve(PlanAddressBackfill.self, tailnet: .default) { _ in
                    .init(changes: ["change"], nodes: 1)
                }
            }
            group.addTask {
                try await bus.serve(SetNodeAttribute.self, tailnet: .default) { try await self.setAttribute($0) }
            }
            group.addTask {
                try await bus.serve(SetNodeAddresses.self, tailnet: .default) { try await self.setAddresses($0) }
            }
            group.addTask {
                try await bus.serve(SetNodeRoutes.self, tailnet: .default) { try await self.setRoutes($0) }
            }
            try await group.waitForAll()
        }
    }

    /// In two parts.
    private func backfill() -> BackfillAddresses.Response {
        backfills += 1
        return .init(changes: ["change \(backfills)"], isComplete: backfills == 2)
    }

    private func setAddresses(_ request: SetNodeAddresses) throws -> Node {
        var node = try found(nodes[request.node])
        if let ipv4 = request.ipv4 { node.ipv4 = ipv4 }
        if let ipv6 = request.ipv6 { node.ipv6 = ipv6 }
        nodes[node.id] = node
        return node
    }

    private func setAttribute(_ request: SetNodeAttribute) throws -> Node {
        var node = try found(nodes[request.node])
        if let fault = request.attribute?.fault { throw RequestFailure(.invalid, fault) }
        if request.attribute == nil { _ = try found(node.attributes.first { $0.name == request.name }) }
        node.setAttribute(request.name, to: request.attribute)
        nodes[node.id] = node
        return node
    }

    private func setRoutes(_ request: SetNodeRoutes) throws -> Node {
        var node = try found(nodes[request.node])
        node.approvedRoutes = request.routes
        nodes[node.id] = node
        return node
    }

    private func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    private func found<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw RequestFailure(.notFound, "there is no such row") }
        return value
    }

    private func check() throws -> Done {
        if isAway { throw RequestFailure(.unavailable, "the database does not answer") }
        return Done()
    }

    private func create(_ request: CreateUser) throws -> User {
        if let fault = User.nameFault(request.name) { throw RequestFailure(.invalid, fault) }
        guard !users.values.contains(where: { $0.name == request.name }) else {
            throw RequestFailure(.conflict, "there is already a user \(request.name)")
        }
        guard let id = UserID(nextID()) else { throw RequestFailure.internalError }
        let user = User(
            id: id,
            tailnet: .default,
            name: request.name,
            displayName: request.displayName,
            email: request.email,
            profilePictureURL: request.profilePictureURL,
            createdAt: Self.epoch
        )
        users[id] = user
        return user
    }

    private func rename(_ request: RenameUser) throws -> User {
        var user = try found(users[request.user])
        user.name = request.name
        users[user.id] = user
        return user
    }

    private func setRole(_ request: SetUserRole) throws -> User {
        var user = try found(users[request.user])
        user.role = request.role
        users[user.id] = user
        return user
    }

    private func delete(_ request: DeleteUser) throws -> Done {
        _ = try found(users[request.user])
        guard !nodes.values.contains(where: { $0.user == request.user }) else {
            throw RequestFailure(.invalid, "the user still has nodes")
        }
        users[request.user] = nil
        return Done()
    }

    private func create(_ request: CreateAuthKey) throws -> CreateAuthKey.Response {
        guard let id = AuthKeyID(nextID()) else { throw RequestFailure.internalError }
        if let user = request.user { _ = try found(users[user]) }
        let key = AuthKey(
            id: id,
            tailnet: .default,
            prefix: "abcdef012345",
            hash: Data([1]),
            user: request.user,
            tags: request.tags,
            isReusable: request.isReusable,
            isEphemeral: request.isEphemeral,
            expiry: request.expiry ?? Self.epoch.addingTimeInterval(3600),
            createdAt: Self.epoch
        )
        authKeys[id] = key
        return .init(key: key, secret: "hskey-auth-abcdef012345-secret")
    }

    private func expire(_ request: ExpireAuthKey) throws -> Done {
        var key = try found(authKeys[request.key])
        key.expiry = Self.epoch
        authKeys[key.id] = key
        return Done()
    }

    private func delete(_ request: DeleteAuthKey) throws -> Done {
        _ = try found(authKeys.removeValue(forKey: request.key))
        return Done()
    }

    private func create(_ request: CreateAPIKey) throws -> CreateAPIKey.Response {
        guard let id = APIKeyID(nextID()) else { throw RequestFailure.internalError }
        let key = APIKey(
            id: id,
            tailnet: .default,
            prefix: "aaaabbbbcccc",
            hash: Data([1]),
            expiry: request.expiry ?? Self.epoch.addingTimeInterval(90 * 86_400),
            createdAt: Self.epoch
        )
        apiKeys[id] = key
        return .init(key: key, secret: "hskey-api-aaaabbbbcccc-secret")
    }

    private func id(of name: (id: APIKeyID?, prefix: String?)) throws -> APIKeyID {
        try found(apiKeys.values.first { $0.id == name.id || $0.prefix == name.prefix }).id
    }

    private func expire(_ request: ExpireAPIKey) throws -> Done {
        apiKeys[try id(of: (request.id, request.prefix))]?.expiry = Self.epoch
        return Done()
    }

    private func delete(_ request: DeleteAPIKey) throws -> Done {
        apiKeys[try id(of: (request.id, request.prefix))] = nil
        return Done()
    }

    private func authenticate(_ request: AuthenticateAPIKey) throws -> APIKey {
        authentications.append(request.secret)
        guard request.secret == Self.goodKey, let id = APIKeyID(1_000) else {
            throw RequestFailure(.unauthorized, "unknown or expired API key")
        }
        return APIKey(
            id: id,
            tailnet: .default,
            prefix: "0123456789ab",
            hash: Data(),
            expiry: Self.epoch.addingTimeInterval(5),
            createdAt: Self.epoch
        )
    }

    private func list(_ request: ListNodes) -> [Node] {
        nodes.values.filter { request.user == nil || $0.user == request.user }
    }

    private func node(_ id: NodeID) throws -> Node {
        try found(nodes[id])
    }

    private func delete(_ request: DeleteNode) throws -> Done {
        _ = try found(nodes.removeValue(forKey: request.node))
        return Done()
    }

    private func expire(_ request: SetNodeExpiry) throws -> Node {
        var node = try found(nodes[request.node])
        node.expiry = request.expiry
        nodes[node.id] = node
        return node
    }

    private func approve(_ request: ApproveLogin) throws -> Node {
        let login = try found(logins.first { $0.id == request.login })
        guard let user = request.user else { throw RequestFailure(.invalid, "this device is new: name its user") }
        var node = Node.fixture(nextID(), user: user)
        node.hostname = login.hostinfo.hostname
        nodes[node.id] = node
        return node
    }

    private func reject(_ request: RejectLogin) throws -> Done {
        let index = try found(logins.firstIndex { $0.id == request.login })
        logins[index].state = .rejected
        return Done()
    }

    private func approve(_ request: ApproveNode) throws -> Node {
        var node = try found(nodes[request.node])
        node.isApproved = request.isApproved
        nodes[node.id] = node
        return node
    }

    private func setTags(_ request: SetNodeTags) throws -> Node {
        guard !request.tags.contains("tag:unknown") else {
            throw RequestFailure(.invalid, "the policy does not know it")
        }
        var node = try found(nodes[request.node])
        (node.user, node.tags) = (nil, request.tags)
        nodes[node.id] = node
        return node
    }

    private func rename(_ request: RenameNode) throws -> Node {
        guard !request.name.contains(" ") else { throw RequestFailure(.invalid, "not a DNS label") }
        var node = try found(nodes[request.node])
        node.givenName = request.name
        nodes[node.id] = node
        return node
    }
}
