public import ControlModel
import Foundation
import IPAddresses

extension PolicyNode {
    /// A node of the tailnet as policies see it.
    ///
    /// Every service makes its nodes here: only then do an explanation, a test of a policy and a gateway agree.
    public init(_ node: Node) {
        self.init(reading: node)
        name = node.givenName
        attributes = PostureAttributes(node.hostinfo).all
    }

    /// A node without what the rules of one policy do not look at: a new name or version of the client is no change then.
    ///
    /// - Parameter attributes: those that conditions ask for, ``PolicyDocument/askedAttributes``.
    public init(_ node: Node, asked attributes: Set<String>) {
        self.init(reading: node)
        guard !attributes.isEmpty else { return }
        self.attributes = PostureAttributes(node.hostinfo).all.filter { attributes.contains($0.key) }
    }

    private init(reading node: Node) {
        let announced = node.hostinfo.routableIPs.map(\.masked).withoutRepetition
        self.init(
            id: node.id.rawValue,
            name: "",
            user: node.isTagged ? nil : node.user?.rawValue,
            tags: node.tags,
            ipv4: node.ipv4,
            ipv6: node.ipv6,
            announcedRoutes: announced,
            approvedRoutes: node.approvedRoutes.map(\.masked),
            // Of nodes that route nothing nobody asks whether they can be used, nor who came first.
            isAvailable: announced.isEmpty || node.isOnline,
            precedence: announced.isEmpty ? 0 : node.routerPrecedence
        )
    }
}

extension Node {
    /// Who of several routers came first: `lastSeen` of a connected node is when it connected.
    ///
    /// A router that was away comes back after those that took over, so routes stay where they went; whoever reads the same
    /// rows finds the same order.
    fileprivate var routerPrecedence: Int64 {
        lastSeen.map { Int64(clamping: Int(($0.timeIntervalSince1970 * 1000).rounded())) } ?? 0
    }
}

extension PolicyUser {
    /// A user of the tailnet as policies see them.
    public init(_ user: User) {
        self.init(
            id: user.id.rawValue,
            name: user.name,
            email: user.email,
            role: PolicyLanguage.UserRole(rawValue: user.role.rawValue) ?? .member
        )
    }
}

extension [IPPrefix] {
    fileprivate var withoutRepetition: [IPPrefix] {
        guard count > 1 else { return self }
        var seen: Set<IPPrefix> = []
        return filter { seen.insert($0).inserted }
    }
}
