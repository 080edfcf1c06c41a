import Keys
import NIOCore

/// A key in a frame: 32 raw bytes.
extension ByteBuffer {
    mutating func readKey() -> KeyBytes? {
        guard let slice = readSlice(length: DERPLengths.key) else { return nil }
        return slice.withUnsafeReadableBytes { KeyBytes($0) }
    }

    mutating func writeKey(_ key: KeyBytes) {
        _ = key.withUnsafeBytes { writeBytes($0) }
    }

    /// Overwrites 32 bytes that are there already.
    mutating func setKey(_ key: KeyBytes, at index: Int) {
        _ = key.withUnsafeBytes { setBytes($0, at: index) }
    }
}
