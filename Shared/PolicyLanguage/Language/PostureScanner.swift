/// Cuts a posture condition into its words.
struct PostureScanner {
    private var rest: Substring

    init(_ text: String) {
        rest = Substring(text)
    }

    var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

    private mutating func skipBlank() {
        rest = rest.drop(while: \.isWhitespace)
    }

    /// Takes `namespace:name`.
    mutating func attribute() -> String? {
        skipBlank()
        let name = rest.prefix { $0.isLetter || $0.isNumber || "_:-.".contains($0) }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let namespace = parts.first, !parts[1].isEmpty,
            PostureCondition.namespaces.contains(where: { $0.lowercased() == namespace.lowercased() })
        else { return nil }
        rest = rest[name.endIndex...]
        return String(name)
    }

    /// Takes these words, if they come next, in any case.
    mutating func words(_ words: String...) -> Bool {
        var left = rest
        for word in words {
            left = left.drop(while: \.isWhitespace)
            let next = left.prefix(while: \.isLetter)
            guard next.uppercased() == word else { return false }
            left = left[next.endIndex...]
        }
        rest = left
        return true
    }

    mutating func comparison() -> PostureCondition.Comparison? {
        skipBlank()
        let sign = rest.prefix { "<>=!".contains($0) }
        rest = rest[sign.endIndex...]
        return PostureCondition.Comparison(rawValue: String(sign))
    }

    mutating func value() -> PostureValue? {
        skipBlank()
        if rest.first == "'" {
            let text = rest.dropFirst().prefix { $0 != "'" }
            guard text.endIndex < rest.endIndex else { return nil }
            rest = rest[rest.index(after: text.endIndex)...]
            return .string(String(text))
        }
        let word = rest.prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) }
        rest = rest[word.endIndex...]
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: return Double(word).map(PostureValue.number)
        }
    }

    /// Takes `['a', 'b']`.
    mutating func list() -> [PostureValue]? {
        skipBlank()
        guard rest.first == "[" || rest.first == "(" else { return nil }
        let close: Character = rest.first == "[" ? "]" : ")"
        rest = rest.dropFirst()
        var values: [PostureValue] = []
        while let value = value() {
            values.append(value)
            skipBlank()
            switch rest.first {
            case ",": rest = rest.dropFirst()
            case close:
                rest = rest.dropFirst()
                return values
            default: return nil
            }
        }
        return nil
    }
}
