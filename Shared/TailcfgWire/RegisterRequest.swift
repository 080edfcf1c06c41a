public import ControlModel
public import Foundation
public import Keys
public import NIOCore

/// A client logs in, renews its key, waits for a login, or logs out.
///
/// - Wire: body of `POST /machine/register`.
/// - Source: `tailcfg.RegisterRequest`.
public struct RegisterRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    /// The key to register; zero if the client sent none.
    public var nodeKey = NodePublicKey.zero
    /// The key before, zero unless it changes.
    public var oldNodeKey = NodePublicKey.zero
    /// Tailnet lock key in text form (`nlpub:`); empty for none.
    public var networkLockKey = ""
    /// A secret; empty for none.
    public var authKey = ""
    /// In the past: log out; `nil` leaves it to the server.
    public var expiry: Date?
    /// The AuthURL given before: answer when its user is done.
    public var followup = ""
    public var hostinfo = Hostinfo()
    public var isEphemeral = false
    /// Tailnet lock signature; empty for none.
    public var nodeKeySignature = Data()
    /// Tailnet that the client asks for; `required:` in front makes it a condition.
    public var tailnet = ""

    public init() {}

    /// Decodes a request body.
    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension RegisterRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("Version")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        oldNodeKey = try fields.key("OldNodeKey", NodePublicKey.self)
        networkLockKey = try fields.text("NLKey")
        authKey = try fields.object("Auth", Auth.self)?.authKey ?? ""
        expiry = try fields.time("Expiry")
        followup = try fields.text("Followup")
        hostinfo = try fields.object("Hostinfo", HostinfoFields.self)?.hostinfo ?? Hostinfo()
        isEphemeral = try fields.bool("Ephemeral")
        nodeKeySignature = try fields.base64("NodeKeySignature")
        tailnet = try fields.text("Tailnet")
    }

    private struct Auth: FieldDecodable {
        let authKey: String

        init(_ fields: RequestFields) throws {
            authKey = try fields.text("AuthKey")
        }
    }
}
