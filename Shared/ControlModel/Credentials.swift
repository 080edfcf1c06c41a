public import Foundation

/// A pre-authentication key, without its secret.
public struct AuthKey: Hashable, Sendable, Codable {
    public var id: AuthKeyID
    public var tailnet: TailnetID
    /// Public part, by which the key is looked up; unique.
    public var prefix: String
    /// Keyed hash of the secret part.
    public var hash: Data
    /// Owner of the nodes it admits; `nil` for a key that only carries tags.
    public var user: UserID?
    /// Sorted tags that its nodes get.
    public var tags: [String]
    public var isReusable: Bool
    public var isEphemeral: Bool
    /// Whether its nodes need no approval.
    @WhenAbsent<No> public var isPreapproved: Bool
    public var isUsed: Bool
    public var expiry: Date
    public var createdAt: Date
    /// Tailnet version of the last change to this row.
    public var version: Version

    public init(
        id: AuthKeyID,
        tailnet: TailnetID,
        prefix: String,
        hash: Data,
        user: UserID?,
        tags: [String] = [],
        isReusable: Bool = false,
        isEphemeral: Bool = false,
        isPreapproved: Bool = false,
        isUsed: Bool = false,
        expiry: Date,
        createdAt: Date,
        version: Version = 0
    ) {
        self.id = id
        self.tailnet = tailnet
        self.prefix = prefix
        self.hash = hash
        self.user = user
        self.tags = tags
        self.isReusable = isReusable
        self.isEphemeral = isEphemeral
        self._isPreapproved = WhenAbsent(wrappedValue: isPreapproved)
        self.isUsed = isUsed
        self.expiry = expiry
        self.createdAt = createdAt
        self.version = version
    }
}

/// A key for the admin API, without its secret.
public struct APIKey: Hashable, Sendable, Codable {
    public var id: APIKeyID
    public var tailnet: TailnetID
    /// Public part, by which the key is looked up; unique.
    public var prefix: String
    /// Keyed hash of the secret part.
    public var hash: Data
    public var expiry: Date
    public var createdAt: Date
    public var lastSeen: Date?
    /// Tailnet version of the last change to this row.
    public var version: Version

    public init(
        id: APIKeyID,
        tailnet: TailnetID,
        prefix: String,
        hash: Data,
        expiry: Date,
        createdAt: Date,
        lastSeen: Date? = nil,
        version: Version = 0
    ) {
        self.id = id
        self.tailnet = tailnet
        self.prefix = prefix
        self.hash = hash
        self.expiry = expiry
        self.createdAt = createdAt
        self.lastSeen = lastSeen
        self.version = version
    }
}
