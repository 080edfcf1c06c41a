/// Why a session ended its connection.
public enum DERPCloseReason: Error, Hashable {
    /// The peer broke the framing.
    case framing(DERPFramingError)
    /// A frame of this type has no place before the handshake is over.
    case unexpectedFrame(DERPFrameType)
    /// The box in ClientInfo or ServerInfo was not made with the key it came with.
    case forged
    /// The box holds no JSON object.
    case malformedInfo
    /// The peer speaks another version.
    case unsupportedVersion(Int)
    /// Unknown or expired key.
    case notAdmitted
    /// The key was removed, replaced or expired while the client was connected.
    case revoked
    /// A frame that only relays of the same region may send.
    case insufficientPermissions(DERPFrameType)
    case handshakeTimeout
    /// The owner of the session called it in a wrong order.
    case misused
}

extension DERPCloseReason {
    /// A constant word per case, for logs and metrics.
    public var label: String {
        switch self {
        case .framing: "framing"
        case .unexpectedFrame: "unexpected_frame"
        case .forged: "forged"
        case .malformedInfo: "malformed_info"
        case .unsupportedVersion: "unsupported_version"
        case .notAdmitted: "not_admitted"
        case .revoked: "revoked"
        case .insufficientPermissions: "insufficient_permissions"
        case .handshakeTimeout: "handshake_timeout"
        case .misused: "misused"
        }
    }
}
