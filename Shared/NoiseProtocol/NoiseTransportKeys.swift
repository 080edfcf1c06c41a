/// The keys of a finished handshake, as one side sees them; prints as `<redacted>`.
///
/// Can be carried to the event loop of the connection, where one ``NoiseSender`` and one ``NoiseReceiver`` are made
/// of it. Never make two of the same kind: both would count from zero, and two plaintexts under one nonce are readable.
public struct NoiseTransportKeys: Sendable {
    let sending: BLAKE2sDigest
    let receiving: BLAKE2sDigest
    private let hash: BLAKE2sDigest

    init(sending: BLAKE2sDigest, receiving: BLAKE2sDigest, handshakeHash: BLAKE2sDigest) {
        self.sending = sending
        self.receiving = receiving
        hash = handshakeHash
    }

    /// Names this session, the same on both sides; 32 bytes, no secret.
    public var handshakeHash: [UInt8] { hash.withUnsafeBytes { Array($0) } }
}

extension NoiseTransportKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
