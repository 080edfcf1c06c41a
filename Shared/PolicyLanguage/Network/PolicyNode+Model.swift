public import ControlModel
import IPAddresses

extension PolicyNode {
    /// A node of the tailnet as policies see it; a router that is offline gives way to others of the same route.
    public init(_ node: Node) {
        self.init(
            id: node.id.rawValue,
            name: node.givenName,
            user: node.isTagged ? nil : node.user?.rawValue,
            tags: node.tags,
            ipv4: node.ipv4,
            ipv6: node.ipv6,
            announcedRoutes: node.hostinfo.routableIPs.map(\.masked),
            approvedRoutes: node.approvedRoutes.map(\.masked),
            isAvailable: node.isOnline,
            attributes: Self.attributes(node.hostinfo)
        )
    }

    /// What device posture conditions can look at; what the client did not say is absent.
    private static func attributes(_ hostinfo: Hostinfo) -> [String: PostureValue] {
        var attributes: [String: PostureValue] = [:]
        if !hostinfo.os.isEmpty { attributes["node:os"] = .string(hostinfo.os.lowercased()) }
        if !hostinfo.osVersion.isEmpty { attributes["node:osVersion"] = .string(hostinfo.osVersion) }
        let version = hostinfo.clientVersion.prefix { $0 != "-" }
        if !version.isEmpty {
            attributes["node:tsVersion"] = .string(String(version))
            // Odd minor numbers are unstable releases.
            let minor = version.split(separator: ".").dropFirst().first.flatMap { Int($0) }
            if let minor {
                attributes["node:tsReleaseTrack"] = .string(minor.isMultiple(of: 2) ? "stable" : "unstable")
            }
        }
        attributes["node:tsAutoUpdate"] = .bool(hostinfo.allowsUpdate)
        if let isEncrypted = hostinfo.stateEncrypted { attributes["node:tsStateEncrypted"] = .bool(isEncrypted) }
        return attributes
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
