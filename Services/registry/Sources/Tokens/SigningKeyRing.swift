import Foundation

/// The keys that ID tokens are signed with: one signs, a new one is shown for a while before it does, old ones after they did.
struct SigningKeyRing: Hashable, Codable {
    struct Key: Hashable, Codable {
        var id: String
        /// The private key, in DER.
        var der: Data
        var createdAt: Date
    }

    /// How long a key is the newest.
    static let rotation: TimeInterval = 30 * 24 * 3600
    /// How long a new key is shown before it signs: as long as others may keep what they were shown.
    static let lead: TimeInterval = 3600
    /// How long a key is shown after its successor came: longer than `lead` and the life of a token.
    static let retention: TimeInterval = 24 * 3600

    /// Newest first.
    var keys: [Key] = []

    /// Whether it is time for a new key.
    func needsKey(at now: Date) -> Bool {
        keys.first.map { $0.createdAt.addingTimeInterval(Self.rotation) <= now } ?? true
    }

    /// The ring as it must be now; the same when nothing is due.
    ///
    /// - Parameter key: a new one, where it needs one.
    func renewed(at now: Date, adding key: Key?) -> SigningKeyRing {
        var ring = self
        if let key { ring.keys.insert(key, at: 0) }
        let ends = [Date.distantFuture] + ring.keys.map { $0.createdAt.addingTimeInterval(Self.retention) }
        ring.keys = zip(ring.keys, ends).filter { $0.1 > now }.map(\.0)
        return ring
    }

    /// The key to sign with now; `nil` for an empty ring.
    func signer(at now: Date) -> Key? {
        keys.first { $0.createdAt.addingTimeInterval(Self.lead) <= now } ?? keys.last
    }
}
