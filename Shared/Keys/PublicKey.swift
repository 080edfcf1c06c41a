/// What a key is for; fixes its text prefix, so that kinds cannot be mixed up.
public protocol KeyKind: Sendable {
    /// Text prefix including the colon, e.g. `nodekey:`.
    static var prefix: String { get }
}

/// Kind of ``MachinePublicKey``: identifies a device to the control server.
public enum MachineKeyKind: KeyKind { public static let prefix = "mkey:" }
/// Kind of ``NodePublicKey``: the WireGuard key of a node.
public enum NodeKeyKind: KeyKind { public static let prefix = "nodekey:" }
/// Kind of ``DiscoPublicKey``: authenticates path discovery.
public enum DiscoKeyKind: KeyKind { public static let prefix = "discokey:" }
/// Kind of ``ChallengePublicKey``: sent in the early payload.
public enum ChallengeKeyKind: KeyKind { public static let prefix = "chalpub:" }
/// Kind of ``DERPPublicKey``: identifies a relay; its text form has no prefix.
public enum DERPKeyKind: KeyKind { public static let prefix = "" }

public typealias MachinePublicKey = PublicKey<MachineKeyKind>
public typealias NodePublicKey = PublicKey<NodeKeyKind>
public typealias DiscoPublicKey = PublicKey<DiscoKeyKind>
public typealias ChallengePublicKey = PublicKey<ChallengeKeyKind>
public typealias DERPPublicKey = PublicKey<DERPKeyKind>

/// A Curve25519 public key of one kind.
///
/// - Text form: prefix, then 64 lower-case hexadecimal digits.
/// - Source: `types/key` of the Go client.
public struct PublicKey<Kind: KeyKind>: Hashable, Sendable {
    public let bytes: KeyBytes

    public init(_ bytes: KeyBytes) {
        self.bytes = bytes
    }

    /// Returns `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        guard let bytes = KeyBytes(bytes) else { return nil }
        self.bytes = bytes
    }

    /// Parses the text form; `nil` for another prefix or length.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Kind.prefix), let bytes = KeyBytes(hex: text.dropFirst(Kind.prefix.count)) else {
            return nil
        }
        self.bytes = bytes
    }

    /// The zero key, which means "none" on the wire.
    public static var zero: Self { Self(.zero) }

    public var isZero: Bool { bytes.isZero }

    /// The text form.
    public var text: String { Kind.prefix + bytes.hex }

    /// Prefix and five digits: enough to find a key in a log, too little to be one.
    public var short: String { Kind.prefix + String(bytes.hex.prefix(5)) }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { text }
}

extension PublicKey: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "expected \(Kind.prefix) and 64 hexadecimal digits"
            )
        }
        self = key
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
