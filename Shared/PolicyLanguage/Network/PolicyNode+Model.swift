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
        attributes = PostureAttributes(node).all
    }

    /// A node without what the rules of one policy do not look at: a new name or version of the client is no change then.
    ///
    /// - Parameter attributes: those that conditions ask for, ``PolicyDocument/askedAttributes``.
    public init(_ node: Node, asked attributes: Set<String>) {
        self.init(reading: node)
        guard !attributes.isEmpty else { return }
        self.attributes = PostureAttributes(node).all.filter { attributes.contains($0.key) }
    }

    private init(reading node: Node) {
        let announced = node.announcedRoutes
        let rank = node.rank
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
            isAvailable: announced.isEmpty || rank.availability == .available,
            precedence: announced.isEmpty ? 0 : rank.precedenceAmongAlike,
            routePrecedences: announced.isEmpty ? [:] : node.laterPrecedences
        )
    }
}

extension RouterRank {
    /// The place among routers that can be used, or among those that cannot: those that do not answer before those that are away.
    fileprivate var precedenceAmongAlike: Int64 {
        availability == .unhealthy ? precedence - (1 << 60) : precedence
    }
}

extension PolicyUser {
    /// A user of the tailnet as policies see them.
    public init(_ user: User) {
        self.init(
            id: user.id.rawValue,
            name: user.name,
            email: user.email,
            role: PolicyLanguage.UserRole(rawValue: user.role.rawValue) ?? .member,
            groups: user.identity?.groups ?? []
        )
    }
}
