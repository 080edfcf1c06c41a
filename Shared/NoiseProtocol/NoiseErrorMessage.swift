public import NIOCore

/// Sent by the server in place of its response: why it will not talk.
///
/// Neither encrypted nor authenticated.
///
/// - Wire: type 3 · length (2 bytes, big-endian) · text.
/// - Source: `control/controlbase/messages.go`, `msgTypeError`.
public struct NoiseErrorMessage: Hashable, Sendable {
    /// Longest text sent, in bytes of UTF-8; the length field could carry more.
    public static let textLimit = 1024

    public let text: String

    public init(text: String) {
        self.text = text
    }

    /// Returns `nil` unless the bytes are one whole error message.
    public init?(decoding message: ByteBuffer) {
        var rest = message
        guard rest.readInteger(as: UInt8.self) == NoiseMessageType.error,
            let length = rest.readInteger(as: UInt16.self), rest.readableBytes == Int(length),
            let text = rest.readString(length: Int(length))
        else { return nil }
        self.text = text
    }

    /// Appends the message, its text cut to ``textLimit``.
    public func encode(into output: inout ByteBuffer) {
        let bytes = text.utf8.prefix(Self.textLimit)
        output.writeMultipleIntegers(NoiseMessageType.error, UInt16(bytes.count))
        output.writeBytes(bytes)
    }
}
