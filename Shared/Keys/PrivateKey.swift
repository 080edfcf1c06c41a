internal import Crypto

/// A Curve25519 private key of one kind; prints as `<redacted>`.
///
/// - Text form: `privkey:`, then 64 hexadecimal digits.
public struct PrivateKey<Kind: KeyKind>: Sendable {
    private static var prefix: String { "privkey:" }

    public let bytes: KeyBytes
    public let publicKey: PublicKey<Kind>

    /// Returns `nil` for 32 zero bytes.
    public init?(_ bytes: KeyBytes) {
        guard !bytes.isZero,
            let key = bytes.withUnsafeBytes({ try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }),
            let publicKey = PublicKey<Kind>(key.publicKey.rawRepresentation)
        else { return nil }
        self.bytes = bytes
        self.publicKey = publicKey
    }

    /// Parses the text form.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix), let bytes = KeyBytes(hex: text.dropFirst(Self.prefix.count)) else {
            return nil
        }
        self.init(bytes)
    }

    /// A new key from the system's random source.
    public static func generate() -> Self {
        while true {
            // The library clamps nothing here and never returns zero; the loop is for the type's sake.
            let key = Curve25519.KeyAgreement.PrivateKey()
            if let bytes = KeyBytes(key.rawRepresentation), let made = Self(bytes) { return made }
        }
    }

    /// The text form, which is the secret itself: for key files only.
    public var secretText: String { Self.prefix + bytes.hex }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The server's Noise static key.
public typealias MachinePrivateKey = PrivateKey<MachineKeyKind>
public typealias NodePrivateKey = PrivateKey<NodeKeyKind>
public typealias DiscoPrivateKey = PrivateKey<DiscoKeyKind>
public typealias ChallengePrivateKey = PrivateKey<ChallengeKeyKind>
public typealias DERPPrivateKey = PrivateKey<DERPKeyKind>
