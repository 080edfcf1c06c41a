public import Keys
public import NIOCore

/// What the server may say before HTTP/2 begins: first plaintext bytes from it, in one record or several.
///
/// - Wire: `FF FF FF 54 53` · JSON length (4 bytes, big-endian) · JSON.
/// - Source: `control/ts2021/conn.go`, `earlyPayload`; `tailcfg.EarlyNoise`.
public struct EarlyPayload: Hashable, Sendable {
    /// Longest JSON read, in bytes; the limit of the strictest client.
    public static let jsonLimit = 1024

    /// No HTTP/2 frame begins like this: it would be longer than any may be.
    private static let magic: [UInt8] = [0xFF, 0xFF, 0xFF, 0x54, 0x53]

    /// The node is to prove that it has the private half of its node key against this one.
    public var challenge: ChallengePublicKey

    public init(challenge: ChallengePublicKey) {
        self.challenge = challenge
    }

    /// Appends the payload in plaintext, to be sealed by ``NoiseSender``.
    public func encode(into output: inout ByteBuffer) {
        let json = Self.json(challenge.text)
        output.writeBytes(Self.magic)
        output.writeInteger(UInt32(json.utf8.count))
        output.writeString(json)
    }

    /// What a client finds at the front of the plaintext.
    public enum Reading: Hashable, Sendable {
        /// More plaintext is needed to tell. Nothing was read.
        case incomplete
        /// HTTP/2 begins at once. Nothing was read.
        case absent
        case present(EarlyPayload)
    }

    /// Reads the payload, if there is one, from the front of all plaintext received so far.
    ///
    /// Understands the exact form that ``encode(into:)`` writes, not JSON at large.
    public static func read(from plaintext: inout ByteBuffer) throws(NoiseError) -> Reading {
        let start = plaintext.readableBytesView.prefix(magic.count)
        guard magic.starts(with: start) else { return .absent }
        var rest = plaintext
        guard rest.readSlice(length: magic.count) != nil, let length = rest.readInteger(as: UInt32.self) else {
            return .incomplete
        }
        guard length <= jsonLimit else { throw .malformedEarlyPayload }
        guard let text = rest.readString(length: Int(length)) else { return .incomplete }
        // Cut out where the challenge must be, then compare the whole.
        let keyText = text.dropFirst(json("").count - 2).dropLast(2)
        guard let challenge = ChallengePublicKey(keyText), text == json(challenge.text) else {
            throw .malformedEarlyPayload
        }
        plaintext = rest
        return .present(EarlyPayload(challenge: challenge))
    }

    private static func json(_ keyText: String) -> String { "{\"nodeKeyChallenge\":\"\(keyText)\"}" }
}
