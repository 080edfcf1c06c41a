import Foundation
import Keys

/// What a client says of itself in its box.
///
/// Read leniently: any case and underscores in names (the Rust client sends `can_ack_pings`), unknown names and values of
/// another type are passed over, as `"mesh_key":"none"` must be.
///
/// - Wire: JSON with the names of the Go client, `{"version":2,"CanAckPings":true}`.
/// - Source: `derp/derp.go`, `ClientInfo`.
public struct DERPClientInfo: Hashable, Sendable {
    /// Secret of the relays of a region; `nil` for clients.
    ///
    /// Thirty-two bytes in hexadecimal digits.
    public var meshKey: String?
    public var version: Int
    /// Whether it answers pings; the sign of a client that passes over frames it does not know.
    public var canAckPings: Bool
    public var isProber: Bool

    public init(meshKey: String? = nil, version: Int = 2, canAckPings: Bool = false, isProber: Bool = false) {
        self.meshKey = meshKey
        self.version = version
        self.canAckPings = canAckPings
        self.isProber = isProber
    }

    /// Returns `nil` for what is not a JSON object.
    public init?(json: [UInt8]) {
        guard let decoded = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = decoded
    }

    public var json: [UInt8] { infoJSON(self) }
}

extension DERPClientInfo: Codable {
    public init(from decoder: any Decoder) throws {
        let fields = try LenientFields(decoder)
        let key = fields.value("meshkey", as: String.self)
        self.init(
            meshKey: key.flatMap { KeyBytes(hex: $0) == nil ? nil : $0 },
            version: fields.value("version", as: Int.self) ?? 0,
            canAckPings: fields.value("canackpings", as: Bool.self) ?? false,
            isProber: fields.value("isprober", as: Bool.self) ?? false
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FieldName.self)
        try container.encodeIfPresent(meshKey, forKey: FieldName("meshKey"))
        try container.encode(version, forKey: FieldName("version"))
        try container.encode(canAckPings, forKey: FieldName("CanAckPings"))
        try container.encode(isProber, forKey: FieldName("IsProber"))
    }
}
