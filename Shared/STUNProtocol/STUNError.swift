/// Why bytes are not the message looked for.
///
/// A server drops the datagram in every case; the cases are for counting.
public enum STUNError: Error, Hashable, Sendable {
    /// Not STUN at all: too short, another cookie, or the wrong leading bits.
    case notSTUN
    /// STUN, but of another type.
    case wrongType(UInt16)
    /// A length that does not fit the bytes, or an attribute that does not fit the length.
    case malformed
    /// FINGERPRINT is there and does not fit.
    case wrongFingerprint
    /// A response without an address in it.
    case noAddress
}
