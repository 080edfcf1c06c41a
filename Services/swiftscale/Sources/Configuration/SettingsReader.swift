import Configuration

/// Reads settings one by one and gathers what is wrong with them.
///
/// A faulty setting reads as its default, so that reading goes on and all faults are found at once.
struct SettingsReader {
    let sources: ConfigurationSources
    private(set) var faults: [ConfigurationFault] = []

    init(_ sources: ConfigurationSources) {
        self.sources = sources
    }

    /// The text of a key; `nil` when nothing gives it or when it is empty.
    func text(_ key: ConfigurationKey) -> String? {
        let text = sources.reader.string(forKey: ConfigKey(key.name), isSecret: key.isSecret)
        guard let text, !text.isEmpty else { return nil }
        return text
    }

    /// A key's value in a form of its own; `fallback` when nothing gives it.
    mutating func value<Value>(
        _ key: ConfigurationKey,
        or fallback: Value,
        expecting expected: String,
        _ parse: (String) -> Value?
    ) -> Value {
        guard let text = text(key) else { return fallback }
        if let value = parse(text) { return value }
        refuse(key, value: text, expecting: expected)
        return fallback
    }

    mutating func flag(_ key: ConfigurationKey, or fallback: Bool) -> Bool {
        value(key, or: fallback, expecting: "true or false") { text in
            switch text.lowercased() {
            case "true", "t", "yes", "on", "1": true
            case "false", "f", "no", "off", "0": false
            default: nil
            }
        }
    }

    mutating func integer(_ key: ConfigurationKey, or fallback: Int, in range: ClosedRange<Int>) -> Int {
        value(key, or: fallback, expecting: "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func duration(_ key: ConfigurationKey, or fallback: Duration) -> Duration {
        value(key, or: fallback, expecting: "a duration like 180d, 30m, 1h30m or 0", DurationText.parse)
    }

    /// The values of a list; `nil` when nothing gives it.
    func list(_ key: ConfigurationKey) -> [String]? {
        let given = sources.reader.stringArray(forKey: ConfigKey(key.name), isSecret: key.isSecret)
        return given?.map { $0.trimmed }.filter { !$0.isEmpty }
    }

    /// A value with parts; only the file can give it.
    func structure(_ key: ConfigurationKey) -> ConfigurationFile.Structure? {
        guard case .structure(let structure)? = sources.file?.entries[key.name]?.value else { return nil }
        return structure
    }

    mutating func refuse(_ key: ConfigurationKey, value: String?, expecting expected: String) {
        faults.append(
            ConfigurationFault(
                key: key.name,
                value: key.isSecret ? nil : value,
                place: sources.place(of: key),
                expected: expected
            )
        )
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
