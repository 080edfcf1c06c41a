public import Keys
public import NIOCore

/// What `GET /key` answers.
///
/// - Source: `tailcfg.OverTLSPublicKeyResponse`.
public struct ServerKeyResponse: Hashable, Sendable {
    public var publicKey: MachinePublicKey

    public init(publicKey: MachinePublicKey) {
        self.publicKey = publicKey
    }

    /// Both keys: the old one is zero, but without it the Rust client fails.
    public func encoded() -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("legacyPublicKey")
        writer.publicKey(MachinePublicKey.zero)
        writer.key("publicKey")
        writer.publicKey(publicKey)
        writer.endObject()
        return writer.buffer
    }
}
