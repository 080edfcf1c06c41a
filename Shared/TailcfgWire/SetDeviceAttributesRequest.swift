public import ControlModel
public import Keys
public import NIOCore

/// Changes posture attributes of the calling node.
///
/// - Wire: body of `PATCH /machine/set-device-attr`.
/// - Source: `tailcfg.SetDeviceAttributesRequest`.
public struct SetDeviceAttributesRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    public var nodeKey = NodePublicKey.zero
    /// Attribute name, as the client spells it, to its new value; `null` removes it.
    public var update: [String: Value] = [:]

    public init() {}

    /// What an attribute may be.
    public enum Value: Hashable, Sendable {
        case remove
        case bool(Bool)
        case number(Double)
        case string(String)
    }

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension SetDeviceAttributesRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("Version")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        let expected = "at most \(WireLimit.entries) strings, numbers, booleans or nulls by name"
        // A dictionary keeps its keys as they are; only the keys of objects are folded.
        update = try fields.value("Update", [String: Value].self, expected: expected) ?? [:]
        guard update.count <= WireLimit.entries else { throw fields.fault("Update", expected: expected) }
    }
}

extension SetDeviceAttributesRequest.Value: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .remove
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }
}
