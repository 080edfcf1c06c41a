public import ControlModel

/// What a provider says about somebody.
public struct Claims: Hashable, Sendable, Codable {
    public var values: [String: AnyJSON]

    public init(_ values: [String: AnyJSON]) {
        self.values = values
    }

    public init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: AnyJSON].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    func text(_ name: String) -> String {
        guard case .string(let text)? = values[name] else { return "" }
        return text
    }

    /// Some providers write flags as texts.
    func flag(_ name: String) -> Bool {
        switch values[name] {
        case .bool(let flag): flag
        case .string(let text): text.lowercased() == "true"
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
        case .string(let text)?: [text]
        case .array(let items)?:
            items.compactMap { item in
                guard case .string(let text) = item else { return nil }
                return text
            }
        default: []
        }
    }

    /// A name may have dots itself, as those that are URLs have: the longest name that is there goes first.
    private static func find(_ path: Substring, in values: [String: AnyJSON]) -> AnyJSON? {
        if let value = values[String(path)] { return value }
        for dot in path.indices.reversed() where path[dot] == "." {
            guard case .object(let inner)? = values[String(path[..<dot])] else { continue }
            if let value = find(path[path.index(after: dot)...], in: inner) { return value }
        }
        return nil
    }
}
