public import Foundation
public import NIOCore

/// What became of a ``RegisterRequest``.
///
/// All seven keys are always written: the Rust client requires them.
/// - Source: `tailcfg.RegisterResponse`.
public struct RegisterResponse: Hashable, Sendable {
    /// Owner of the node; `nil` while nobody is known, then with id 0.
    public var user: WireUserProfile?
    /// Who vouched for the user, such as `oidc`; may be empty.
    public var provider = ""
    /// The client makes a new node key and asks again, once.
    public var isNodeKeyExpired = false
    /// The Go client does not look at it, the Rust client goes on only when it is true.
    public var isMachineAuthorized = false
    /// Page to show to the user; then the client asks again with it as `Followup`.
    public var authURL = ""
    /// Tailnet lock signature to renew; empty for none.
    public var nodeKeySignature = Data()
    /// Shown to the user, all else is ignored; the Rust client ignores it, so nothing else may say "authorized".
    public var error = ""

    public init() {}

    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writeUser(to: &writer)
        writeLogin(to: &writer)
        writer.key("NodeKeyExpired")
        writer.bool(isNodeKeyExpired)
        writer.key("MachineAuthorized")
        writer.bool(isMachineAuthorized && error.isEmpty)
        writer.key("AuthURL")
        writer.string(authURL)
        writer.key("NodeKeySignature")
        if nodeKeySignature.isEmpty { writer.null() } else { writer.base64(nodeKeySignature) }
        writer.key("Error")
        writer.text(error)
        writer.endObject()
    }

    /// The JSON in a buffer of its own.
    public func encoded() -> ByteBuffer {
        var writer = JSONWriter()
        encode(to: &writer)
        return writer.buffer
    }

    private func writeUser(to writer: inout JSONWriter) {
        writer.key("User")
        writer.beginObject()
        writer.key("ID")
        writer.integer(user?.id ?? 0)
        writeNames(to: &writer)
        writer.endObject()
    }

    private func writeLogin(to writer: inout JSONWriter) {
        writer.key("Login")
        writer.beginObject()
        writer.key("ID")
        writer.integer(user?.id ?? 0)
        writer.key("Provider")
        writer.text(provider)
        writer.key("LoginName")
        writer.text(user?.loginName ?? "")
        writeNames(to: &writer)
        writer.endObject()
    }

    private func writeNames(to writer: inout JSONWriter) {
        writer.key("DisplayName")
        writer.text(user?.displayName ?? "")
        writer.key("ProfilePicURL")
        writer.text(user?.profilePictureURL ?? "")
    }
}
