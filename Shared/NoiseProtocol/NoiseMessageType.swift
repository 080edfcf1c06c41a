/// First byte of a message; in the initiation it follows the version.
enum NoiseMessageType {
    static let initiation: UInt8 = 1
    static let response: UInt8 = 2
    static let error: UInt8 = 3
    static let record: UInt8 = 4
}

/// Lengths of transport records, in bytes.
///
/// - Wire: type 4 (1 byte) · ciphertext length (2 bytes, big-endian) · ciphertext with its tag at the end.
/// - Source: `control/controlbase/conn.go`, `maxMessageSize` and its kin.
public enum NoiseRecord {
    /// Longest record with its header.
    public static let frameLimit = 4096
    public static let headerLength = 3
    public static let tagLength = 16
    /// Longest ciphertext, tag included.
    public static let ciphertextLimit = frameLimit - headerLength
    public static let plaintextLimit = ciphertextLimit - tagLength
}
