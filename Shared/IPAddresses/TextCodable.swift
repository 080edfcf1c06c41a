/// Codable as its text form, as the wire and the configuration write it.
public protocol TextCodable: Codable, CustomStringConvertible {
    init?(text: String)
}

extension TextCodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a valid \(Self.self): \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension IPv4Address: TextCodable {
    public init?(text: String) { self.init(text) }
}
extension IPv6Address: TextCodable {
    public init?(text: String) { self.init(text) }
}
extension IPAddress: TextCodable {
    public init?(text: String) { self.init(text) }
}
extension IPPrefix: TextCodable {
    public init?(text: String) { self.init(text) }
}
extension IPEndpoint: TextCodable {
    public init?(text: String) { self.init(text) }
}
