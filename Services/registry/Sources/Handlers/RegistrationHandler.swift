import Bus
import ControlModel
import Foundation
import Logging
import ServiceKit
import Storage

extension Registry {
    func serveRegistrations(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(RegisterNode.self, in: &group) { try await self.register($0) }
    }

    func register(_ request: RegisterNode) async throws -> RegisterNode.Response {
        let response: RegisterNode.Response
        do {
            response = try await logIn(request, after: try await committing { try await self.plan(request) })
        } catch let failure as RequestFailure where failure.reason == .exhausted && failure != Self.tooManyLogins {
            response = .refused(failure.message)
        }
        count(response)
        return try await withUser(response)
    }

    func plan(
        _ request: RegisterNode,
        approval: LoginApproval? = nil
    ) async throws -> Plan<RegisterNode.Response> {
        switch try await decision(request, approval: approval) {
        case .update(let node, let key): try await update(node, consuming: key)
        case .create(let new): try await create(new, request)
        case .keyExpired(let node): .nothing(.keyExpired(node: node, user: nil))
        case .logOut(let node):
            Plan(writes: [.replaceNode(node)]) { .loggedOut(node: $0.node(node.id) ?? node) }
        case .remove(let id): try await remove(id)
        case .nothingToLogOut: .nothing(.loggedOut(node: nil))
        case .loginRequired: .nothing(.loginRequired(login: nil))
        case .refuse(let text): .nothing(.refused(text))
        }
    }

    func decision(_ request: RegisterNode, approval: LoginApproval?) async throws -> RegistrationDecision {
        RegistrationDecision(request, facts: try await facts(of: request, approval: approval))
    }

    /// The auth key is read first: where it was used by this very device a moment ago, its node is seen after that.
    private func facts(of request: RegisterNode, approval: LoginApproval?) async throws -> RegistrationFacts {
        let authKey = try await check(request.authKey)
        let holder = try await store.node(withNodeKey: request.nodeKey, tailnet: tailnet)
        let now = dependencies.now()
        // Tags change when somebody lets a device in: not when it starts again, finds its key ended, or logs out.
        let isLogin = (holder == nil || approval != nil) && request.expiry.map { $0 > now } ?? true
        return RegistrationFacts(
            holder: holder,
            device: try await store.nodes(withMachineKey: request.machineKey, tailnet: tailnet),
            authKey: authKey,
            approval: approval,
            tags: isLogin ? try await tagCheck(of: request, approval: approval) : .passed,
            isApproved: try await isApproved(request, authKey, approval),
            now: now,
            keyLifetime: configuration.keyLifetime.flatMap { $0 > .zero ? $0 : nil }
        )
    }

    /// Whether what lets a device in approves it as well: an administrator, a key that says so, or a rule of the configuration.
    private func isApproved(
        _ request: RegisterNode,
        _ authKey: RegistrationFacts.AuthKeyCheck,
        _ approval: LoginApproval?
    ) async throws -> Bool {
        let rules = configuration.deviceApproval
        guard rules.isRequired else { return true }
        if let approval {
            guard approval.method != .cli else { return true }
            let user = try await store.user(approval.user, tailnet: tailnet)
            return rules.approves(tags: request.hostinfo.requestTags, user: user)
        }
        guard case .known(let key) = authKey else { return false }
        if key.isPreapproved { return true }
        var user: User?
        if key.tags.isEmpty, let owner = key.user { user = try await store.user(owner, tailnet: tailnet) }
        return rules.approves(tags: key.tags, user: user)
    }

    private func check(_ text: String?) async throws -> RegistrationFacts.AuthKeyCheck {
        guard let text, !text.isEmpty else { return .notGiven }
        guard let prefix = KeyIssuer.prefix(of: text, kind: .auth),
            let key = try await store.authKey(withPrefix: prefix, tailnet: tailnet), keys.isValid(text, hash: key.hash)
        else { return .invalid }
        return .known(key)
    }

    private func update(_ node: Node, consuming key: AuthKeyID?) async throws -> Plan<RegisterNode.Response> {
        var node = node
        let reservation = try await rename(&node)
        let consumption = key.map { [RegistryWrite.consumeAuthKey($0)] } ?? []
        return Plan(writes: consumption + [.replaceNode(node)], reservation: reservation) { [node] in
            .registered(node: $0.node(node.id) ?? node, user: nil)
        }
    }

    /// Gives the node a name after its hostname, unless the one it has fits or an administrator chose it.
    func rename(_ node: inout Node) async throws -> Reservation? {
        let label = NodeNaming.label(for: node.hostname)
        guard !node.isNamePinned, !NodeNaming.fits(node.givenName, label: label) else { return nil }
        let reservation = try await allocator.reserveName(label: label)
        node.givenName = reservation.name
        return reservation
    }

    private func create(
        _ new: RegistrationDecision.NewNode,
        _ request: RegisterNode
    ) async throws -> Plan<RegisterNode.Response> {
        let hostname = request.hostinfo.hostname
        let reservation = try await allocator.reserveNode(
            label: NodeNaming.label(for: hostname),
            pools: try await addressPools(user: new.user, tags: new.tags)
        )
        guard let id = reservation.node else { throw RequestFailure.internalError }
        let stableID = dependencies.randomBytes(8).reduce("n") { $0 + ($1 < 16 ? "0" : "") + String($1, radix: 16) }
        let node = Node(
            id: id,
            tailnet: tailnet,
            stableID: stableID,
            machineKey: request.machineKey,
            nodeKey: request.nodeKey,
            user: new.user,
            tags: new.tags,
            hostname: hostname,
            givenName: reservation.name,
            ipv4: reservation.ipv4,
            ipv6: reservation.ipv6,
            hostinfo: request.hostinfo,
            capabilityVersion: request.capabilityVersion,
            registerMethod: new.method,
            authKey: new.authKey,
            isEphemeral: new.isEphemeral,
            isApproved: new.isApproved,
            expiry: new.expiry,
            createdAt: dependencies.now()
        )
        let consumption = new.consumes ? new.authKey.map { [RegistryWrite.consumeAuthKey($0)] } ?? [] : []
        return Plan(writes: consumption + [.createNode(node)], reservation: reservation) {
            .registered(node: $0.node(id) ?? node, user: nil)
        }
    }

    private func remove(_ id: NodeID) async throws -> Plan<RegisterNode.Response> {
        guard let node = try await store.node(id, tailnet: tailnet) else { return .nothing(.loggedOut(node: nil)) }
        return Plan(writes: [.deleteNode(id)], removed: node) { _ in .loggedOut(node: nil) }
    }

    private func withUser(_ response: RegisterNode.Response) async throws -> RegisterNode.Response {
        switch response {
        case .registered(let node, _): .registered(node: node, user: try await owner(of: node))
        case .keyExpired(let node, _): .keyExpired(node: node, user: try await owner(of: node))
        case .loggedOut, .loginRequired, .refused: response
        }
    }

    func owner(of node: Node) async throws -> User? {
        guard let user = node.user else { return nil }
        return try await store.user(user, tailnet: tailnet)
    }

    private func count(_ response: RegisterNode.Response) {
        switch response {
        case .registered: metrics.registration(.registered)
        case .keyExpired: metrics.registration(.keyExpired)
        case .loggedOut: metrics.registration(.loggedOut)
        case .loginRequired: metrics.registration(.loginRequired)
        case .refused: metrics.registration(.refused)
        }
    }
}
