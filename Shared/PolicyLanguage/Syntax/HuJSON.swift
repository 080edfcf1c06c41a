/// A value of a HuJSON document and where it stands.
///
/// - Source: the JWCC form (JSON with commas and comments) that Tailscale's policy files use.
public struct HuJSON: Hashable, Sendable {
    public var content: Content
    public var position: SourcePosition

    public enum Content: Hashable, Sendable {
        case null
        case bool(Bool)
        /// The text as written.
        case number(String)
        case string(String)
        case array([HuJSON])
        case object([Member])
    }

    public struct Member: Hashable, Sendable {
        public var name: String
        public var position: SourcePosition
        public var value: HuJSON
    }

    /// Longest document accepted, in bytes.
    public static let lengthLimit = 8 << 20
    /// Deepest nesting of arrays and objects accepted.
    public static let depthLimit = 100

    /// Reads a document; comments and trailing commas are allowed, duplicate names are not.
    ///
    /// - Cost: linear in the length of the document.
    public static func parse(_ bytes: [UInt8]) throws(PolicyErrors) -> HuJSON {
        var parser = HuJSONParser(bytes)
        return try parser.document()
    }

    /// The value without positions.
    public var plain: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let text): .number(text)
        case .string(let text): .string(text)
        case .array(let items): .array(items.map(\.plain))
        case .object(let members): .object(members.map { .init(name: $0.name, value: $0.value.plain) })
        }
    }

    /// What the value is, in words.
    var kind: String {
        switch content {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value in few words, for messages.
    var excerpt: String {
        switch content {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): String(text.prefix(40))
        case .string(let text): String(text.prefix(80))
        case .array: "["
        case .object: "{"
        }
    }
}
