public import NIOCore

/// What a client answers to `GET /posture/identity`.
///
/// - Source: `tailcfg.C2NPostureIdentityResponse`; the query `hwaddrs=true` asks for hardware addresses, too.
public struct PostureIdentityResponse: Hashable, Sendable {
    public static let path = "/posture/identity?hwaddrs=true"

    public var serialNumbers: [String] = []
    public var hardwareAddresses: [String] = []
    /// Whether the client's user does not let it tell.
    public var isDisabled = false

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension PostureIdentityResponse: FieldDecodable {
    init(_ fields: RequestFields) throws {
        serialNumbers = fields.lenientList("SerialNumbers", of: String.self, limit: WireLimit.entries)
        hardwareAddresses = fields.lenientList("IfaceHardwareAddrs", of: String.self, limit: WireLimit.entries)
        isDisabled = try fields.bool("PostureDisabled")
    }
}
