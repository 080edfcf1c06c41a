public import ControlModel

// Administration of policies. Owner of those that do not say otherwise: policy.
// Asker: control-gateway (admin API).

/// One thing that is wrong with a policy document.
public struct PolicyFaultReport: Hashable, Sendable, Codable {
    /// Both from 1; columns are Unicode scalars.
    public var line: Int
    public var column: Int
    /// The words of the document the fault is about; may be empty.
    public var text: String
    public var message: String
    /// What to write instead, where there is a guess.
    public var suggestion: String?

    public init(line: Int, column: Int, text: String, message: String, suggestion: String?) {
        self.line = line
        self.column = column
        self.text = text
        self.message = message
        self.suggestion = suggestion
    }
}

/// A revision, the one in force or an older one.
public struct GetPolicy: BusRequest, Hashable {
    public static let subject = "policy.get"
    /// `nil`: the one in force.
    public var revision: Int?

    public init(revision: Int? = nil) {
        self.revision = revision
    }

    public struct Response: Sendable, Codable, Hashable {
        /// `nil`: there never was a policy.
        public var policy: PolicyRevision?
        /// The file that policies come from; `nil`: they are set by request.
        public var file: String?
        /// Why something newer, stored or in the file, is not in force.
        public var fault: String?

        public init(policy: PolicyRevision?, file: String?, fault: String?) {
            self.policy = policy
            self.file = file
            self.fault = fault
        }
    }
}

/// Puts a policy in force, after it was checked against the network and its tests passed.
public struct SetPolicy: BusRequest, Hashable {
    public static let subject = "policy.set"
    public var text: String
    public var author: String
    public var note: String
    /// The newest revision that the author knows; another one is a conflict.
    ///
    /// `nil`: whatever there is.
    public var expected: Int?

    public init(text: String, author: String, note: String = "", expected: Int? = nil) {
        self.text = text
        self.author = author
        self.note = note
        self.expected = expected
    }

    public typealias Response = PolicyVerdict
}

/// What became of a policy that was to be put in force.
public struct PolicyVerdict: Sendable, Codable, Hashable {
    /// `nil`: refused.
    public var policy: PolicyRevision?
    public var faults: [PolicyFaultReport]
    /// Faults that are there but not told.
    public var omitted: Int

    public init(policy: PolicyRevision?, faults: [PolicyFaultReport] = [], omitted: Int = 0) {
        self.policy = policy
        self.faults = faults
        self.omitted = omitted
    }
}

/// Puts an older revision in force again, as a new one, if it passes as ``SetPolicy`` asks.
public struct RollBackPolicy: BusRequest, Hashable {
    public static let subject = "policy.roll-back"
    public var revision: Int
    public var author: String
    public var note: String

    public init(revision: Int, author: String, note: String = "") {
        self.revision = revision
        self.author = author
        self.note = note
    }

    public typealias Response = PolicyVerdict
}

/// What is wrong with a policy, its tests in the present network included; nothing is stored.
public struct CheckPolicy: BusRequest, Hashable {
    public static let subject = "policy.check"
    public var text: String

    public init(text: String) {
        self.text = text
    }

    public struct Response: Sendable, Codable, Hashable {
        public var faults: [PolicyFaultReport]
        /// Faults that are there but not told.
        public var omitted: Int

        public init(faults: [PolicyFaultReport], omitted: Int) {
            self.faults = faults
            self.omitted = omitted
        }
    }
}

/// Revisions, newest first, without their texts.
public struct ListPolicyRevisions: BusRequest, Hashable {
    public static let subject = "policy.list"
    /// Only older ones than this.
    public var before: Int?
    /// At most 100 come at once.
    public var limit: Int

    public init(before: Int? = nil, limit: Int = 100) {
        self.before = before
        self.limit = limit
    }

    public typealias Response = [PolicyRevision.Summary]
}
