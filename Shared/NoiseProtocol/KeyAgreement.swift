import Crypto
public import Keys

/// Kind of ``NoiseEphemeralKey``; never written as text.
public enum NoiseEphemeralKeyKind: KeyKind { public static let prefix = "" }

/// A key made for one handshake and forgotten after it.
public typealias NoiseEphemeralKey = PrivateKey<NoiseEphemeralKeyKind>

/// X25519.
///
/// Throws ``NoiseError/lowOrderPoint`` where the secret is all zero, which happens for the points of low order in all
/// their encodings and for no other. The library leaves this check to its callers.
func keyAgreement<Kind: KeyKind>(_ ours: PrivateKey<Kind>, _ theirs: KeyBytes) throws(NoiseError) -> KeyBytes {
    let secret: KeyBytes?
    do {
        let key = try ours.bytes.withUnsafeBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        let peer = try theirs.withUnsafeBytes { try Curve25519.KeyAgreement.PublicKey(rawRepresentation: $0) }
        secret = try key.sharedSecretFromKeyAgreement(with: peer).withUnsafeBytes { KeyBytes($0) }
    } catch {
        // Both keys have the right length, so a refusal is about what they hold.
        throw .lowOrderPoint
    }
    guard let secret, !secret.isZero else { throw .lowOrderPoint }
    return secret
}
