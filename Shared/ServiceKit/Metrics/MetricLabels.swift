/// Labels of a series as Prometheus writes them: `{a="1",b="2"}`, sorted by name, or nothing.
struct MetricLabels: Hashable, Sendable {
    static let overflow = MetricLabels([("overflow", "true")])

    /// Longest label value kept, in characters.
    private static let valueLimit = 128

    private let pairs: [String: String]

    /// Of two labels with one name the last counts.
    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.reduce(into: [:]) { pairs, dimension in
            pairs[PrometheusName.label(dimension.0)] = String(dimension.1.prefix(Self.valueLimit))
        }
    }

    var text: String {
        guard !pairs.isEmpty else { return "" }
        let inner = pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(PrometheusName.escaped($0.value))\"" }
        return "{\(inner.joined(separator: ","))}"
    }

    func adding(_ name: String, _ value: String) -> MetricLabels {
        MetricLabels(pairs.map { ($0.key, $0.value) } + [(name, value)])
    }
}

/// Names, values and numbers in the form the text format wants.
enum PrometheusName {
    static func metric(_ text: String) -> String {
        legal(text) { $0 == "_" || $0 == ":" }
    }

    static func label(_ text: String) -> String {
        legal(text) { $0 == "_" }
    }

    static func escaped(_ value: String) -> String {
        var out = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    private static func legal(_ text: String, _ isAlsoLegal: (Unicode.Scalar) -> Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            let isDigit = ("0"..."9").contains(scalar)
            if isDigit && out.isEmpty { out += "_" }
            out.unicodeScalars.append(isLetter || isDigit || isAlsoLegal(scalar) ? scalar : "_")
        }
        return out.isEmpty ? "_" : out
    }
}
