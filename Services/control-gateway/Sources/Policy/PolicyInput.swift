import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage

extension PolicyUser {
    init(_ user: User) {
        self.init(
            id: user.id.rawValue,
            name: user.name,
            email: user.email,
            role: PolicyLanguage.UserRole(rawValue: user.role.rawValue) ?? .member
        )
    }
}

extension PolicyNode {
    /// The part of a node that a policy looks at: changes of anything else never reach the policy engine.
    ///
    /// - Parameter hasPostures: whether the policy asks for attributes at all; without, a new version of the client is no news.
    init(_ node: Node, hasPostures: Bool) {
        let announced = node.announcedRoutes
        self.init(
            id: node.id.rawValue,
            name: "",
            user: node.user?.rawValue,
            tags: node.tags,
            ipv4: node.ipv4,
            ipv6: node.ipv6,
            announcedRoutes: announced,
            approvedRoutes: node.approvedRoutes.map(\.masked),
            // Of nodes that route nothing nobody asks whether they can be used.
            isAvailable: announced.isEmpty || node.rank.availability == .available,
            precedence: announced.isEmpty ? 0 : node.routerPrecedence,
            routePrecedences: announced.isEmpty ? [:] : node.laterPrecedences,
            attributes: hasPostures ? node.postureAttributes : [:]
        )
    }
}

extension Node {
    /// Its place among routers that can be used, or among those that cannot: those that do not answer before those that are away.
    fileprivate var routerPrecedence: Int64 {
        let rank = rank
        return rank.availability == .unhealthy ? rank.precedence - (1 << 60) : rank.precedence
    }

    /// - Source: Tailscale's documentation of device posture.
    fileprivate var postureAttributes: [String: PostureValue] {
        var attributes: [String: PostureValue] = [:]
        if !hostinfo.os.isEmpty { attributes["node:os"] = .string(hostinfo.os.lowercased()) }
        if !hostinfo.osVersion.isEmpty { attributes["node:osVersion"] = .string(hostinfo.osVersion) }
        if let version = hostinfo.clientVersion.split(separator: "-").first {
            attributes["node:tsVersion"] = .string(String(version))
            let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            attributes["node:tsReleaseTrack"] = .string((minor ?? 0) % 2 == 0 ? "stable" : "unstable")
        }
        if let isEncrypted = hostinfo.stateEncrypted { attributes["node:tsStateEncrypted"] = .bool(isEncrypted) }
        return attributes
    }
}
