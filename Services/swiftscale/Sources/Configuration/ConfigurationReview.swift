/// What is to be said about the keys themselves: unknown, not yet supported, removed.
struct ConfigurationReview {
    private(set) var notes: [ConfigurationNote] = []
    private(set) var faults: [ConfigurationFault] = []

    init(_ sources: ConfigurationSources) {
        addUnknown(sources)
        var pending: [String] = []
        for key in KnownKeys.all where sources.isGiven(key) {
            switch key.standing {
            case .read:
                addFileOnly(key, sources)
            case .notYetSupported:
                pending.append(key.name)
            case .removed(let replacement):
                faults.append(
                    ConfigurationFault(
                        key: key.name,
                        value: nil,
                        place: sources.place(of: key),
                        expected: "this key to be gone, it no longer exists; use instead: \(replacement)"
                    )
                )
            }
        }
        if !pending.isEmpty {
            notes.append(
                ConfigurationNote(
                    weight: .notice,
                    text: "not supported yet and without effect: " + pending.sorted().joined(separator: ", ")
                )
            )
        }
    }

    private mutating func addUnknown(_ sources: ConfigurationSources) {
        for (name, line) in sources.file?.unknown ?? [] {
            add(unknown: name, place: sources.file?.place(line: line) ?? "", nearest: KnownKeys.nearest(to: name))
        }
        for (name, nearest) in sources.environment.unknown {
            add(unknown: name, place: "environment", nearest: nearest)
        }
    }

    private mutating func add(unknown name: String, place: String, nearest: String?) {
        let advice = nearest.map { "; did you mean \($0)?" } ?? ""
        notes.append(ConfigurationNote(weight: .warning, text: "unknown key \(name) (\(place)) is ignored\(advice)"))
    }

    private mutating func addFileOnly(_ key: ConfigurationKey, _ sources: ConfigurationSources) {
        guard key.shape == .structure, sources.environment.value(of: key) != nil else { return }
        notes.append(
            ConfigurationNote(
                weight: .warning,
                text: "\(key.environmentName) is ignored: \(key.name) can only be set in a file"
            )
        )
    }
}
