/// Metrics as the sources make them.
enum MetricRules {
    struct Metric: Hashable {
        var name: String
        /// In Prometheus' words.
        var type: String
        /// `nil`: none.
        var label: String?
    }

    private static let types = [
        "Counter": "counter", "FloatingPointCounter": "counter", "Meter": "gauge", "Gauge": "gauge",
        "Recorder": "histogram", "Timer": "histogram",
    ]

    /// Metrics made in a source; a name given by a constant of the same source is looked up there.
    static func metrics(in text: String) -> Set<Metric> {
        let constants = constants(in: text)
        let form =
            #/\b(Counter|FloatingPointCounter|Meter|Gauge|Recorder|Timer)\(\s*label: ("?)(\w+)"?(?:,\s*dimensions: \[\("(\w+)")?/#
        return Set(
            text.matches(of: form).map { match in
                let word = String(match.3)
                return Metric(
                    name: match.2.isEmpty ? constants[word] ?? word : word,
                    type: types[String(match.1)] ?? "",
                    label: match.4.map(String.init)
                )
            }
        )
    }

    /// Constant texts of a source, by their names.
    static func constants(in text: String) -> [String: String] {
        let pairs = text.matches(of: #/static let (\w+) = "([^"]*)"/#).map { (String($0.1), String($0.2)) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// Properties that hold a metric.
    static func properties(in text: String) -> [String] {
        text.matches(of: #/(?m)^    let (\w+) = (?:Counter|Meter|Gauge|Recorder|Timer)\(/#).map { String($0.1) }
    }
}
