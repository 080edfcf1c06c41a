import CSodium
public import Keys

/// Public-key box of NaCl: X25519, XSalsa20, Poly1305.
///
/// - Wire: nonce (24 bytes) · tag (16 bytes) · ciphertext, as `crypto_box_easy` lays it out.
/// - Source: `nacl.cr.yp.to/box.html`.
public enum NaClBox {
    /// In bytes.
    public static let nonceLength = 24
    /// What a box is longer than its text, in bytes, nonce not counted.
    public static let tagLength = 16

    /// A number used once with a pair of keys.
    public struct Nonce: Hashable, Sendable {
        public let bytes: [UInt8]

        /// Returns `nil` unless there are exactly 24 bytes.
        public init?(_ bytes: [UInt8]) {
            guard bytes.count == NaClBox.nonceLength else { return nil }
            self.bytes = bytes
        }

        public static func random(using generator: inout some RandomNumberGenerator) -> Nonce {
            Nonce(filledBy: { UInt8.random(in: .min ... .max, using: &generator) })
        }

        private init(filledBy next: () -> UInt8) {
            bytes = (0..<NaClBox.nonceLength).map { _ in next() }
        }
    }

    /// Tag and ciphertext; `nil` for a receiver key of low order.
    public static func seal(_ text: [UInt8], nonce: Nonce, to receiver: KeyBytes, from sender: KeyBytes) -> [UInt8]? {
        guard isReady else { return nil }
        var sealed = [UInt8](repeating: 0, count: text.count + tagLength)
        let status = withPointers(receiver, sender) { receiver, sender in
            crypto_box_easy(&sealed, text, UInt64(text.count), nonce.bytes, receiver, sender)
        }
        return status == 0 ? sealed : nil
    }

    /// The text; `nil` when the box was not made by the sender for this receiver.
    public static func open(_ box: [UInt8], nonce: Nonce, from sender: KeyBytes, to receiver: KeyBytes) -> [UInt8]? {
        guard isReady, box.count >= tagLength else { return nil }
        var text = [UInt8](repeating: 0, count: box.count - tagLength)
        let status = withPointers(sender, receiver) { sender, receiver in
            crypto_box_open_easy(&text, box, UInt64(box.count), nonce.bytes, sender, receiver)
        }
        return status == 0 ? text : nil
    }

    /// Picks the implementation for this processor, once; 1 means that somebody else had done so.
    private static let isReady = sodium_init() >= 0

    /// Calls `body` with pointers to 32 bytes each; -1, libsodium's failure, if there are none.
    private static func withPointers(
        _ first: KeyBytes,
        _ second: KeyBytes,
        _ body: (UnsafeRawPointer, UnsafeRawPointer) -> Int32
    ) -> Int32 {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                guard let first = first.baseAddress, let second = second.baseAddress else { return -1 }
                return body(first, second)
            }
        }
    }
}
