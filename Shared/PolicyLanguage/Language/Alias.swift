public import IPAddresses

/// How a policy names users, nodes and addresses.
public enum Alias: Hashable, Sendable {
    /// `*`
    case wildcard
    /// An e-mail address or login name; always has an `@`.
    case user(String)
    /// `user:*@domain`: the users of a domain that belongs to the tailnet.
    case userDomain(String)
    /// With `group:`.
    case group(String)
    /// With `tag:`.
    case tag(String)
    case autogroup(Autogroup)
    case host(String)
    case prefix(IPPrefix)
    /// With `ipset:`.
    case ipset(String)
}

extension Alias: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wildcard: "*"
        case .user(let name), .group(let name), .tag(let name), .host(let name), .ipset(let name): name
        case .userDomain(let domain): "user:*@\(domain)"
        case .autogroup(let group): group.description
        case .prefix(let prefix): prefix.isSingle ? prefix.address.description : prefix.description
        }
    }
}

/// A group that the service defines.
public enum Autogroup: String, Hashable, Sendable, CaseIterable {
    case admin
    case auditor
    case billingAdmin = "billing-admin"
    case dangerAll = "danger-all"
    case internet
    case itAdmin = "it-admin"
    case member
    case networkAdmin = "network-admin"
    case nonroot
    case owner
    case own = "self"
    case shared
    case tagged

    /// `autogroup:` and the name; `autogroup:members` is the old spelling of `autogroup:member`.
    init?(text: String) {
        guard text.hasPrefix("autogroup:") else { return nil }
        let name = String(text.dropFirst("autogroup:".count))
        self.init(rawValue: name == "members" ? "member" : name)
    }

    /// The role whose holders are meant, for the groups of roles.
    var role: UserRole? {
        switch self {
        case .admin: .admin
        case .auditor: .auditor
        case .billingAdmin: .billingAdmin
        case .itAdmin: .itAdmin
        case .networkAdmin: .networkAdmin
        case .owner: .owner
        case .dangerAll, .internet, .member, .nonroot, .own, .shared, .tagged: nil
        }
    }
}

extension Autogroup: CustomStringConvertible {
    public var description: String { "autogroup:\(rawValue)" }
}
