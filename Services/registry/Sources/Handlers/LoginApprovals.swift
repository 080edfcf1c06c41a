import Bus
import ControlModel
import CoreMetrics
import Storage

extension Registry {
    /// What became of an approved login.
    struct Admission {
        var node: Node
        var user: User?
        var response: RegisterNode.Response { .registered(node: node, user: user) }
    }

    func approveLogin(_ request: ApproveLogin) async throws -> Node {
        let login = try await requireLogin(request.login)
        if let check = login.check {
            guard request.user == nil else {
                throw RequestFailure(.invalid, "this is a login by SSH, which is approved without a user")
            }
            return try await confirm(login.id, check)
        }
        let user = try await owner(of: login, asked: request.user)
        return try await approve(login.id, LoginApproval(user: user, method: .cli)).node
    }

    /// Lets a device in: first the verdict, which is given once, then the node.
    ///
    /// Should this process end in between, whoever sees the login next makes the node.
    func approve(_ id: LoginID, _ approval: LoginApproval) async throws -> Admission {
        for _ in 0..<Self.attempts {
            var login = try await requireLogin(id)
            switch login.state {
            case .rejected: throw RequestFailure(.conflict, "the login was rejected already")
            case .approved(let user, _, _) where user == approval.user: return try await admit(login, approval)
            case .approved: throw RequestFailure(.conflict, "the login was approved for another user already")
            case .done(let node): return try await done(node, approval)
            case .waiting:
                if case .refuse(let text) = try await decision(RegisterNode(login), approval: approval) {
                    return try await turnAway(login, text)
                }
                login.state = .approved(user: approval.user, method: approval.method, expiry: approval.expiry)
            }
            do {
                login = try await logins().replaceLogin(login)
            } catch StorageError.conflict {
                continue
            }
            metrics.loginsApproved.increment()
            return try await admit(login, approval)
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    /// Ends a login that its approval cannot make a node of, so that the device is told why.
    private func turnAway(_ login: PendingLogin, _ text: String) async throws -> Admission {
        var login = login
        (login.state, login.refusal) = (.rejected, text)
        do {
            try await decided(try await logins().replaceLogin(login))
        } catch StorageError.conflict {
            // Somebody else decided meanwhile; whoever approved is told all the same.
        }
        throw RequestFailure(.conflict, text)
    }

    /// Makes the node of an approved login, or finds it made.
    func admit(_ login: PendingLogin, _ approval: LoginApproval) async throws -> Admission {
        let request = RegisterNode(login)
        let response = try await committing { try await self.plan(request, approval: approval) }
        switch response {
        case .registered(let node, _):
            try await finish(login, with: node)
            return Admission(node: node, user: try await owner(of: node))
        case .refused(let text):
            throw RequestFailure(.conflict, text)
        case .keyExpired, .loggedOut, .loginRequired:
            throw RequestFailure(
                .conflict,
                "the device's key belongs to another of its nodes: start the login again on the device"
            )
        }
    }

    /// A node that is deleted later does not come back by its old login.
    private func finish(_ login: PendingLogin, with node: Node) async throws {
        var done = login
        done.state = .done(node: node.id)
        do {
            done = try await logins().replaceLogin(done)
        } catch StorageError.conflict {
            // Somebody else was as quick.
        }
        try await decided(done)
    }

    private func done(_ id: NodeID, _ approval: LoginApproval) async throws -> Admission {
        guard let node = try await store.node(id, tailnet: tailnet), node.user == approval.user || node.isTagged
        else {
            throw RequestFailure(.conflict, "the login was approved for another user already")
        }
        return Admission(node: node, user: try await owner(of: node))
    }

    /// Who is to own the device: the user asked for, or who owns the node whose key it replaces.
    private func owner(of login: PendingLogin, asked: UserID?) async throws -> UserID {
        if let asked { return try await requireUser(asked).id }
        let device = try await store.nodes(withMachineKey: login.machineKey, tailnet: tailnet)
        let before = device.first { $0.nodeKey == login.oldNodeKey } ?? (device.count == 1 ? device.first : nil)
        guard let user = before?.user else {
            throw RequestFailure(
                .invalid,
                "this device is new: name its user with swiftscale auth register --auth-id \(login.id) --user USER"
            )
        }
        return user
    }
}

extension RegisterNode {
    /// The request that a login was made of.
    fileprivate init(_ login: PendingLogin) {
        self.init(
            machineKey: login.machineKey,
            nodeKey: login.nodeKey,
            oldNodeKey: login.oldNodeKey,
            authKey: nil,
            hostinfo: login.hostinfo,
            isEphemeral: login.isEphemeral,
            expiry: login.expiry,
            capabilityVersion: login.capabilityVersion
        )
    }
}
