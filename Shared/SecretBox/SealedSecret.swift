/// A secret as it is stored.
///
/// - Form: `sealed` · version 1 (one byte) · id of the master key (4 bytes) · nonce (24 bytes) · tag and ciphertext of: name,
///   zero byte, secret. With the name inside, one stored secret cannot stand in for another.
public struct SealedSecret: Hashable, Sendable {
    /// In bytes.
    public static let nonceLength = 24
    private static let head = Array("sealed".utf8) + [1]

    public let key: MasterKeyID
    private let nonce: [UInt8]
    private let box: [UInt8]

    /// Seals a secret.
    ///
    /// - Parameter nonce: 24 bytes, never used twice; returns `nil` for another length.
    public init?(_ secret: [UInt8], name: String, with key: MasterKey, nonce: [UInt8]) {
        guard let box = key.seal(Array(name.utf8) + [0] + secret, nonce: nonce) else { return nil }
        (self.key, self.nonce, self.box) = (key.id, nonce, box)
    }

    /// Reads the stored form; `nil` where it is something else, as a secret that an earlier release stored unsealed.
    public init?(stored: some Sequence<UInt8>) {
        var rest = Array(stored)[...]
        guard rest.starts(with: Self.head),
            rest.count >= Self.head.count + MasterKeyID.length + Self.nonceLength
        else { return nil }
        rest = rest.dropFirst(Self.head.count)
        key = MasterKeyID(value: rest.prefix(MasterKeyID.length).reduce(0) { $0 << 8 | UInt32($1) })
        rest = rest.dropFirst(MasterKeyID.length)
        nonce = Array(rest.prefix(Self.nonceLength))
        box = Array(rest.dropFirst(Self.nonceLength))
    }

    /// The stored form.
    public var stored: [UInt8] {
        let id = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: key.value >> UInt32($0)) }
        return Self.head + id + nonce + box
    }

    /// The secret; `nil` when another key sealed it, another name is on it, or it was changed.
    public func open(name: String, with key: MasterKey) -> [UInt8]? {
        let prefix = Array(name.utf8) + [0]
        guard key.id == self.key, let text = key.open(box, nonce: nonce), text.starts(with: prefix) else { return nil }
        return Array(text.dropFirst(prefix.count))
    }
}
