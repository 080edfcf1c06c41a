public import ControlModel
public import Foundation
public import Keys
public import NIOCore

/// Asks for a TXT record, for an ACME challenge.
///
/// - Wire: body of `POST /machine/set-dns`; the answer is `{}`.
/// - Source: `tailcfg.SetDNSRequest`.
public struct SetDNSRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    public var nodeKey = NodePublicKey.zero
    /// Full name of the record, such as `_acme-challenge.host.example`.
    public var name = ""
    /// `TXT`.
    public var type = ""
    public var value = ""

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

/// Asks for an ID token for a workload.
///
/// - Wire: body of `POST /machine/id-token`; the answer is `{"id_token":…}`.
/// - Source: `tailcfg.TokenRequest`.
public struct TokenRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    public var nodeKey = NodePublicKey.zero
    public var audience = ""

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

/// Asks whether a feature is on, and where to turn it on.
///
/// - Wire: body of `POST /machine/feature/query`; the answer is `{"Complete":…}`.
/// - Source: `tailcfg.QueryFeatureRequest`.
public struct QueryFeatureRequest: Hashable, Sendable {
    /// `funnel`, `serve` and others.
    public var feature = ""
    public var nodeKey = NodePublicKey.zero

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

/// Tells that a part of the client fails, or works again.
///
/// - Wire: body of `POST /machine/update-health`.
/// - Source: `tailcfg.HealthChangeRequest`.
public struct HealthChangeRequest: Hashable, Sendable {
    public var subsystem = ""
    /// Empty: healthy again.
    public var error = ""
    public var nodeKey = NodePublicKey.zero

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

/// Tells what a person did at the client that an audit wants to know.
///
/// - Wire: body of `POST /machine/audit-log`.
/// - Source: `tailcfg.AuditLogRequest`.
public struct AuditLogRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    public var nodeKey = NodePublicKey.zero
    /// `DISCONNECT_NODE`.
    public var action = ""
    public var details = ""
    public var timestamp: Date?

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension SetDNSRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("Version")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        name = try fields.text("Name")
        type = try fields.text("Type")
        value = try fields.text("Value")
    }
}

extension TokenRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("CapVersion")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        audience = try fields.text("Audience")
    }
}

extension QueryFeatureRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        feature = try fields.text("Feature")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
    }
}

extension HealthChangeRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        subsystem = try fields.text("Subsys")
        error = try fields.text("Error", limit: WireLimit.longTextLength)
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
    }
}

extension AuditLogRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("Version")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        action = try fields.text("Action")
        details = try fields.text("Details", limit: WireLimit.longTextLength)
        timestamp = try fields.time("Timestamp")
    }
}
