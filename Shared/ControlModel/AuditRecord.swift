public import Foundation

/// What the audit log says of one change: who made it, when, from where, and what it was before and after.
public struct AuditRecord: Hashable, Sendable, Codable {
    /// The tailnet version that the change made; unique.
    public var version: Version
    public var cause: AuditCause
    public var target: Target
    /// Values of the fields that changed, as they were; empty for what was made.
    public var before: [String: String]
    /// Their values since; empty for what was removed, and what is told of an event.
    ///
    /// Fields without a value are left out of rows that are made or removed.
    public var after: [String: String]

    public init(
        version: Version,
        cause: AuditCause,
        target: Target,
        before: [String: String],
        after: [String: String]
    ) {
        self.version = version
        self.cause = cause
        self.target = target
        self.before = before
        self.after = after
    }

    private enum CodingKeys: CodingKey {
        case version, cause, target, before, after
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(Version.self, forKey: .version)
        cause = try values.decode(AuditCause.self, forKey: .cause)
        target = try values.decode(Target.self, forKey: .target)
        before = Self.fields(try values.decode([[String]].self, forKey: .before))
        after = Self.fields(try values.decode([[String]].self, forKey: .after))
    }

    /// Fields are pairs: objects are for members that this program knows.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(version, forKey: .version)
        try values.encode(cause, forKey: .cause)
        try values.encode(target, forKey: .target)
        try values.encode(Self.pairs(before), forKey: .before)
        try values.encode(Self.pairs(after), forKey: .after)
    }

    private static func pairs(_ fields: [String: String]) -> [[String]] {
        fields.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    }

    private static func fields(_ pairs: [[String]]) -> [String: String] {
        let whole = pairs.filter { $0.count == 2 }
        return Dictionary(whole.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }

    /// The record of something that a node did, or that was done at it, and that changed no row.
    public init(event fields: [String: String], at node: Node, version: Version, cause: AuditCause) {
        self.init(version: version, cause: cause, target: AuditImage(node).target, before: [:], after: fields)
    }

    /// The row that changed.
    public struct Target: Hashable, Sendable, Codable {
        public var kind: Kind
        public var id: Int64
        /// By which people know it: a name, or the public part of a key.
        public var name: String

        public init(kind: Kind, id: Int64, name: String) {
            self.kind = kind
            self.id = id
            self.name = name
        }
    }

    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case user
        case node
        case authKey
        case apiKey
    }
}

/// Who makes changes, when, from where, and by which request.
public struct AuditCause: Hashable, Sendable, Codable {
    public var date: Date
    /// In words: `local socket`, `api key 3`, `node mkey:…`; `server` for what the server does by itself.
    public var actor: String
    /// Network address; `nil` where there is none.
    public var source: String?
    /// Subject of the bus request, the name of the server's own work, or ``clientPrefix`` and what a client tells of.
    public var action: String

    public init(date: Date, actor: String, source: String? = nil, action: String) {
        self.date = date
        self.actor = actor
        self.source = source
        self.action = action
    }
}

extension AuditCause {
    /// With what the actions begin that clients tell of, such as `client.DISCONNECT_NODE`.
    public static let clientPrefix = "client."
}

/// Which records of the audit log to read, newest first.
public struct AuditQuery: Hashable, Sendable, Codable {
    /// Not older than this; `nil`: from the beginning.
    public var since: Date?
    /// Only of versions below this one, to read on where an answer ended; `nil`: from the newest.
    public var before: Version?
    /// Most records that are answered, 1 to ``mostRecords``.
    public var limit: Int

    public init(since: Date? = nil, before: Version? = nil, limit: Int = 100) {
        self.since = since
        self.before = before
        self.limit = min(max(limit, 1), Self.mostRecords)
    }

    public static let mostRecords = 1000
}
