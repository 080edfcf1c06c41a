import CSodium
import Keys

/// Seals the deployment's secrets at rest; prints as `<redacted>`.
///
/// - Text form: `masterkey:`, then 64 hexadecimal digits.
public struct MasterKey: Sendable {
    /// In bytes.
    public static let length = KeyBytes.length
    private static let prefix = "masterkey:"

    private let bytes: KeyBytes

    /// Names this key without telling anything of it.
    public let id: MasterKeyID

    /// Returns `nil` for anything but 32 bytes, and for 32 zero bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        guard let bytes = KeyBytes(bytes), !bytes.isZero else { return nil }
        self.bytes = bytes
        id = MasterKeyID(of: bytes)
    }

    /// Parses the text form.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix), let bytes = KeyBytes(hex: text.dropFirst(Self.prefix.count)) else {
            return nil
        }
        self.init(bytes.withUnsafeBytes { Array($0) })
    }

    /// The text form, which is the secret itself: for key files only.
    public var secretText: String { Self.prefix + bytes.hex }

    /// Tag and ciphertext of `text`.
    ///
    /// - Parameter nonce: 24 bytes, never used twice with this key; others seal nothing.
    func seal(_ text: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard Self.isReady, nonce.count == Int(crypto_secretbox_NONCEBYTES) else { return nil }
        var sealed = [UInt8](repeating: 0, count: text.count + Int(crypto_secretbox_MACBYTES))
        let status = withPointer { crypto_secretbox_easy(&sealed, text, UInt64(text.count), nonce, $0) }
        return status == 0 ? sealed : nil
    }

    /// The text; `nil` when this key did not seal it, or it was changed since.
    func open(_ box: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard Self.isReady, nonce.count == Int(crypto_secretbox_NONCEBYTES), box.count >= Int(crypto_secretbox_MACBYTES)
        else { return nil }
        var text = [UInt8](repeating: 0, count: box.count - Int(crypto_secretbox_MACBYTES))
        let status = withPointer { crypto_secretbox_open_easy(&text, box, UInt64(box.count), nonce, $0) }
        return status == 0 ? text : nil
    }

    /// Picks the implementation for this processor, once; 1 means that somebody else had done so.
    static let isReady = sodium_init() >= 0

    /// Calls `body` with a pointer to the 32 bytes.
    private func withPointer(_ body: (UnsafePointer<UInt8>) -> Int32) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return -1 }
            return body(start)
        }
    }
}

extension MasterKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Tells master keys apart: the first four bytes of a keyed BLAKE2b of a constant.
///
/// - Text form: eight hexadecimal digits.
public struct MasterKeyID: Hashable, Sendable, CustomStringConvertible {
    static let length = 4
    private static let message = Array("swiftscale master key id".utf8)

    let value: UInt32

    init(value: UInt32) {
        self.value = value
    }

    fileprivate init(of key: KeyBytes) {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = key.withUnsafeBytes { key in
            crypto_generichash(
                &digest,
                digest.count,
                Self.message,
                UInt64(Self.message.count),
                key.assumingMemoryBound(to: UInt8.self).baseAddress,
                key.count
            )
        }
        value = digest.prefix(Self.length).reduce(0) { $0 << 8 | UInt32($1) }
    }

    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 2 * Self.length - digits.count) + digits
    }
}
