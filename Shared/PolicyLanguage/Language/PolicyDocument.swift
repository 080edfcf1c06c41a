public import IPAddresses

/// A policy, read and checked in itself; whether it fits a network is another question.
public struct PolicyDocument: Hashable, Sendable {
    /// `group:x` to its members.
    public var groups: [String: [Alias]] = [:]
    /// `group:x` to the login providers' groups whose people belong to it too.
    public var providerGroups: [String: [String]] = [:]
    public var hosts: [String: IPPrefix] = [:]
    public var ipsets: [String: AddressSet] = [:]
    /// `tag:x` to its owners.
    public var tagOwners: [String: [Alias]] = [:]
    public var autoApprovers = AutoApprovers()
    /// Grants first, then access rules, one for each destination; in the order in which they are compiled.
    public var grants: [Grant] = []
    /// Whether `acls` or `grants` is there: without both everything is allowed, with empty ones nothing is.
    public var hasRules = false
    public var ssh: [SSHRule] = []
    public var nodeAttributes: [NodeAttributeRule] = []
    /// `posture:x` to its conditions.
    public var postures: [String: [PostureCondition]] = [:]
    /// Postures that every grant without an own `srcPosture` asks for.
    public var defaultSourcePosture: [String] = []
    public var tests: [AccessTest] = []
    public var sshTests: [SSHTest] = []
    public var randomizeClientPort = false
    public var disableIPv4 = false
    /// `mac-always`, `mac-never`, or nothing for the clients' own choice.
    public var oneCGNATRoute: String?
    /// As in `tailcfg.DERPMap`.
    public var derpMap: JSONValue?
    public var attributeConfiguration: JSONValue?

    public init() {}

    /// Most groups of a policy.
    public static let groupLimit = 100_000

    /// Reads HuJSON; an empty document is a policy without rules.
    ///
    /// - Errors: all faults that are in the document itself.
    public static func parse(_ bytes: [UInt8]) throws(PolicyErrors) -> PolicyDocument {
        if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return PolicyDocument() }
        var reader = PolicyReader()
        reader.read(try HuJSON.parse(bytes))
        guard reader.faults.isEmpty else { throw PolicyErrors(faults: reader.faults) }
        return reader.document
    }

    public static func parse(_ text: String) throws(PolicyErrors) -> PolicyDocument {
        try parse(Array(text.utf8))
    }
}

/// Who may approve which routes without an administrator.
public struct AutoApprovers: Hashable, Sendable {
    public var routes: [Route] = []
    public var exitNode: [Alias] = []

    public var isEmpty: Bool { routes.isEmpty && exitNode.isEmpty }

    public struct Route: Hashable, Sendable {
        public var prefix: IPPrefix
        public var approvers: [Alias]
    }
}

/// Sources that may use destinations, with ports or application capabilities.
public struct Grant: Hashable, Sendable {
    public var sources: [Alias]
    public var destinations: [Alias]
    public var ip: [Service]
    public var app: [Capability] = []
    public var via: [String] = []
    /// Any one of these postures is enough; empty: no posture needed.
    public var sourcePosture: [String] = []
    public var origin: Origin

    /// A protocol, or every usual one, and ports.
    public struct Service: Hashable, Sendable {
        public var `protocol`: IPProtocol?
        public var ports: [PortRange]
    }

    /// A capability name with its values.
    public struct Capability: Hashable, Sendable {
        public var name: String
        public var values: [JSONValue]
    }

    /// The rule of the document that this came from.
    public struct Origin: Hashable, Sendable {
        public var section: Section
        /// Index in the section.
        public var index: Int
        public var position: SourcePosition

        public enum Section: String, Hashable, Sendable {
            case acls
            case grants
            /// No rules at all: everything is allowed.
            case none
        }
    }
}

/// Who may log in by SSH, where, and as whom.
public struct SSHRule: Hashable, Sendable {
    public var action: Action
    public var sources: [Alias]
    public var destinations: [Alias]
    public var users: [String]
    public var acceptEnv: [String]
    public var recorders: [Alias]
    /// Of these postures a source must have one; none are no condition.
    public var sourcePosture: [String]
    public var enforcesRecorder: Bool
    public var position: SourcePosition

    public enum Action: Hashable, Sendable {
        case accept
        /// A fresh login is needed when the last is older than this.
        case check(period: Duration)
    }

    /// How long a login counts where the policy does not say.
    public static let defaultCheckPeriod = Duration.seconds(12 * 3600)
}

/// Attributes for nodes, and where their addresses come from.
public struct NodeAttributeRule: Hashable, Sendable {
    public var targets: [Alias]
    public var attributes: [String]
    public var app: [Grant.Capability]
    public var ipPool: [IPPrefix]
    public var position: SourcePosition
}

/// What a policy promises about access from one source.
public struct AccessTest: Hashable, Sendable {
    public var source: String
    public var `protocol`: String
    public var accept: [Destination]
    public var deny: [Destination]
    /// Attributes the source is assumed to have, for posture conditions.
    public var sourceAttributes: [String: PostureValue]
    public var position: SourcePosition

    public struct Destination: Hashable, Sendable {
        public var text: String
        public var position: SourcePosition
    }
}

/// What a policy promises about SSH logins from one source.
public struct SSHTest: Hashable, Sendable {
    public var source: String
    public var destinations: [AccessTest.Destination]
    public var accept: [String]
    public var deny: [String]
    public var check: [String]
    public var position: SourcePosition
}
