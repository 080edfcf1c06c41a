/// Why a handshake or a transport ended.
///
/// Nothing can be resumed after any of these: drop the connection. ``textForPeer`` tells what to send before.
public enum NoiseError: Error, Hashable, Sendable {
    /// A handshake message is not as long as its type asks. The server answers with an error message.
    case wrongLength(expected: Int, actual: Int)
    /// A message of another type than the one due. The server answers an initiation of that sort with an error message.
    case wrongType(UInt8)
    /// A tag does not fit: another key, another prologue, or bytes changed on the way.
    case decryptionFailed
    /// A public key of the peer gives an all-zero secret with every private key.
    case lowOrderPoint
    /// The server answered the initiation with an error message; `text` is not authenticated.
    case refused(text: String)
    /// A record announces more ciphertext than ``NoiseRecord/ciphertextLimit`` allows.
    case recordTooLong(length: Int)
    /// A record announces less ciphertext than a tag takes.
    case recordTooShort(length: Int)
    /// Every nonce of this direction is used up. Connect anew.
    case counterExhausted
    /// This half failed before; its owner went on using it.
    case spent
    /// The plaintext begins like an early payload and does not go on like one.
    case malformedEarlyPayload
    /// libcrypto has no ChaCha20-Poly1305 or no memory. An installation fault, for the operator to see.
    case cipherUnavailable

    /// What the server tells the client in the clear before closing, or `nil` to close without a word.
    ///
    /// - Source: `control/controlbase/handshake.go`: only faults of form are answered, never failed decryption.
    public var textForPeer: String? {
        switch self {
        case .wrongLength: "wrong handshake message length"
        case .wrongType: "unexpected handshake message type"
        case .decryptionFailed, .lowOrderPoint, .refused, .recordTooLong, .recordTooShort, .counterExhausted, .spent,
            .malformedEarlyPayload, .cipherUnavailable:
            nil
        }
    }
}
