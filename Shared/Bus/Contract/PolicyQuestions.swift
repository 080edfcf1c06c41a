// Questions about access. Owner of those that do not say otherwise: policy. Asker: control-gateway (admin API).

/// Why somebody may reach something under the policy in force, or why not.
public struct ExplainAccess: BusRequest, Hashable {
    public static let subject = "policy.explain"
    /// A name of a node, an address, a user, a group or a tag.
    public var source: String
    /// The same, with `:port` or without.
    public var destination: String
    /// A name or number; empty: TCP.
    public var `protocol`: String

    public init(source: String, destination: String, protocol: String = "") {
        self.source = source
        self.destination = destination
        self.protocol = `protocol`
    }

    /// One answer for each pair of nodes that the question means.
    public struct Response: Sendable, Codable, Hashable {
        /// Of the policy that answers; 0: there is none.
        public var revision: Int
        public var answers: [Answer]

        public init(revision: Int, answers: [Answer]) {
            self.revision = revision
            self.answers = answers
        }
    }

    public struct Answer: Sendable, Codable, Hashable {
        /// The node's name; empty where no node has the address.
        public var source: String
        public var sourceAddress: String
        public var destination: String
        public var destinationAddress: String
        public var port: Int?
        public var `protocol`: String?
        public var allowed: Bool
        public var reason: String
        /// The rule that allows it, or the nearest one.
        public var rule: Rule?
        /// The name in the rule through which the source was found.
        public var sourceMatch: String?
        public var destinationMatch: String?

        public init(
            source: String,
            sourceAddress: String,
            destination: String,
            destinationAddress: String,
            port: Int?,
            protocol: String?,
            allowed: Bool,
            reason: String,
            rule: Rule?,
            sourceMatch: String?,
            destinationMatch: String?
        ) {
            self.source = source
            self.sourceAddress = sourceAddress
            self.destination = destination
            self.destinationAddress = destinationAddress
            self.port = port
            self.protocol = `protocol`
            self.allowed = allowed
            self.reason = reason
            self.rule = rule
            self.sourceMatch = sourceMatch
            self.destinationMatch = destinationMatch
        }
    }

    /// A rule of a document.
    public struct Rule: Sendable, Codable, Hashable {
        /// `acls`, `grants`, or `none` where no rules means that everything is allowed.
        public var section: String
        public var index: Int
        public var line: Int
        public var column: Int

        public init(section: String, index: Int, line: Int, column: Int) {
            self.section = section
            self.index = index
            self.line = line
            self.column = column
        }
    }
}

/// Who gains and who loses access when one policy replaces another in the present network.
public struct ComparePolicies: BusRequest, Hashable {
    public static let subject = "policy.compare"
    public var before: Source
    public var after: Source

    public init(before: Source, after: Source) {
        self.before = before
        self.after = after
    }

    /// A policy: a stored revision, a text, or, without both, the one in force.
    public struct Source: Sendable, Codable, Hashable {
        public var revision: Int?
        public var text: String?

        public init(revision: Int? = nil, text: String? = nil) {
            self.revision = revision
            self.text = text
        }
    }

    public struct Response: Sendable, Codable, Hashable {
        /// Ports.
        public var access: [Change]
        /// Names to log in under.
        public var ssh: [Change]
        /// Attributes of nodes; no sources.
        public var attributes: [Change]

        public init(access: [Change], ssh: [Change], attributes: [Change]) {
            self.access = access
            self.ssh = ssh
            self.attributes = attributes
        }
    }

    public struct Change: Sendable, Codable, Hashable {
        public var sources: [String]
        public var destinations: [String]
        /// `all`, `sameUser` (devices of one user) or `otherUsers`.
        public var scope: String
        public var gained: [String]
        public var lost: [String]

        public init(sources: [String], destinations: [String], scope: String, gained: [String], lost: [String]) {
            self.sources = sources
            self.destinations = destinations
            self.scope = scope
            self.gained = gained
            self.lost = lost
        }
    }
}
