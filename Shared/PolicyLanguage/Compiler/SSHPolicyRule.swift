public import IPAddresses

/// A rule of a node's SSH policy.
///
/// - Source: `tailcfg.SSHRule`.
public struct SSHPolicyRule: Hashable, Sendable {
    /// Addresses of those who come; a tagged node stands here once for each tag that lets it in.
    public var principals: [IPAddress]
    /// Requested name to local name, sorted by name; `=` keeps the name, empty refuses it.
    public var users: [UserMapping]
    public var acceptEnv: [String]
    public var action: Action

    public struct UserMapping: Hashable, Sendable {
        public var requested: String
        public var local: String
    }

    public enum Action: Hashable, Sendable {
        /// Log in, with forwarding of agents and ports, recorded where there are recorders.
        case accept(recorders: [IPAddress], mustRecord: Bool)
        /// Ask the control server, which asks the user to log in when the last time is too long ago.
        case check(period: Duration, recorders: [IPAddress], mustRecord: Bool)
    }

    /// Whether some requested name becomes this local one.
    func leads(to localUser: String) -> Bool {
        users.contains { mapping in
            switch (mapping.requested, mapping.local) {
            case (_, ""): false
            // A name that stands here itself is not left to the others' rule.
            case ("*", "="): !users.contains { $0.requested == localUser }
            case (let requested, "="): requested == localUser
            case (_, let local): local == localUser
            }
        }
    }

    /// Where a client asks about a `check` rule.
    ///
    /// - Parameter server: URL of the control server without a slash at the end.
    public static func holdAndDelegateURL(server: String) -> String {
        "\(server)/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER"
    }
}
