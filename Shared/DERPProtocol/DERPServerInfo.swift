import Foundation

/// What a relay says of itself in its box.
///
/// - Wire: JSON with the names of the Go server, `{"version":2}`; limits of zero are left out.
/// - Source: `derp/derp.go`, `ServerInfo`.
public struct DERPServerInfo: Hashable, Sendable {
    /// The Rust client goes away unless this is 2.
    public static let protocolVersion = 2

    public var version: Int
    /// What a client may send, in bytes per second; zero: no limit.
    ///
    /// A client drops what is above it.
    public var bytesPerSecond: Int
    /// What a client may send at once, in bytes.
    public var burstLength: Int

    public init(version: Int = protocolVersion, bytesPerSecond: Int = 0, burstLength: Int = 0) {
        self.version = version
        self.bytesPerSecond = bytesPerSecond
        self.burstLength = burstLength
    }

    /// Returns `nil` for what is not a JSON object.
    public init?(json: [UInt8]) {
        guard let decoded = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = decoded
    }

    public var json: [UInt8] { infoJSON(self) }
}

extension DERPServerInfo: Codable {
    public init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        self.init(
            version: fields.value("version", as: Int.self) ?? 0,
            bytesPerSecond: fields.value("tokenbucketbytespersecond", as: Int.self) ?? 0,
            burstLength: fields.value("tokenbucketbytesburst", as: Int.self) ?? 0
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldName.self)
        try container.encode(version, forKey: FieldName("version"))
        if bytesPerSecond != 0 { try container.encode(bytesPerSecond, forKey: FieldName("TokenBucketBytesPerSecond")) }
        if burstLength != 0 { try container.encode(burstLength, forKey: FieldName("TokenBucketBytesBurst")) }
    }
}
