/// What a provider says about somebody.
public struct Claims: Hashable, Sendable, Codable {
    public var values: [String: Value]

    public init(_ values: [String: Value]) {
        self.values = values
    }

    public init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: Value].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    /// Any JSON value.
    public enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        case list([Value])
        case object([String: Value])
    }

    func text(_ name: String) -> String {
        guard case .text(let text)? = values[name] else { return "" }
        return text
    }

    /// Some providers write flags as texts.
    func flag(_ name: String) -> Bool {
        switch values[name] {
        case .bool(let flag): flag
        case .text(let text): text.lowercased() == "true"
        default: false
        }
    }

    func number(_ name: String) -> Double? {
        guard case .number(let number)? = values[name], number.isFinite else { return nil }
        return number
    }

    /// The texts of a list, or of one text alone, at a name or a path of names.
    func texts(_ path: String) -> [String] {
        switch Self.find(path[...], in: values) {
        case .text(let text)?: [text]
        case .list(let items)?:
            items.compactMap { item in
                guard case .text(let text) = item else { return nil }
                return text
            }
        default: []
        }
    }

    /// A name may have dots itself, as those that are URLs have: the longest name that is there goes first.
    private static func find(_ path: Substring, in values: [String: Value]) -> Value? {
        if let value = values[String(path)] { return value }
        for dot in path.indices.reversed() where path[dot] == "." {
            guard case .object(let inner)? = values[String(path[..<dot])] else { continue }
            if let value = find(path[path.index(after: dot)...], in: inner) { return value }
        }
        return nil
    }
}

extension Claims.Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Claims.Value].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: Claims.Value].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
