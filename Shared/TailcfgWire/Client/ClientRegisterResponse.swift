public import Foundation
public import NIOCore

/// The answer to a login as the strictest client decodes it: six of seven keys are required.
///
/// - Source: `tailcfg.RegisterResponse`; what is required, tailscale-rs.
public struct ClientRegisterResponse: Hashable, Sendable, Codable {
    public var user: User
    public var login: Login
    public var isNodeKeyExpired: Bool
    public var isMachineAuthorized: Bool
    public var authURL: String
    public var nodeKeySignature: Data?
    public var error: String

    public struct User: Hashable, Sendable, Codable {
        public var id: Int64
        public var displayName: String?

        enum CodingKeys: String, CodingKey {
            case id = "ID"
            case displayName = "DisplayName"
        }
    }

    public struct Login: Hashable, Sendable, Codable {
        public var id: Int64
        public var provider: String
        public var loginName: String
        public var displayName: String?

        enum CodingKeys: String, CodingKey {
            case id = "ID"
            case provider = "Provider"
            case loginName = "LoginName"
            case displayName = "DisplayName"
        }
    }

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeAnswer(Self.self, bytes)
    }

    enum CodingKeys: String, CodingKey {
        case user = "User"
        case login = "Login"
        case isNodeKeyExpired = "NodeKeyExpired"
        case isMachineAuthorized = "MachineAuthorized"
        case authURL = "AuthURL"
        case nodeKeySignature = "NodeKeySignature"
        case error = "Error"
    }
}

/// The server's keys as the strictest client decodes them.
///
/// - Source: `tailcfg.OverTLSPublicKeyResponse`.
public struct ClientServerKeyResponse: Hashable, Sendable, Codable {
    public var legacyPublicKey: String
    public var publicKey: String

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeAnswer(Self.self, bytes)
    }
}
