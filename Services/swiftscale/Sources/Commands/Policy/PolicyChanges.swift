import PolicyLanguage

/// What changes between two policies, as the commands show it.
struct PolicyChanges {
    /// `{access, ssh, attributes}`, each a list of `{sources, destinations, scope, gained, lost}`.
    var value: JSONValue

    init(value: JSONValue) {
        self.value = value
    }

    init(_ difference: PolicyDifference) {
        value = .object([
            "access": .list(difference.access.map(Self.row)), "ssh": .list(difference.ssh.map(Self.row)),
            "attributes": .list(difference.attributes.map(Self.row)),
        ])
    }

    private static func row(_ change: PolicyDifference.Change) -> JSONValue {
        .object([
            "sources": .list(change.sources.map(JSONValue.text)),
            "destinations": .list(change.destinations.map(JSONValue.text)), "scope": .text(change.scope.rawValue),
            "gained": .list(change.gained.map(JSONValue.text)), "lost": .list(change.lost.map(JSONValue.text)),
        ])
    }

    var report: Report {
        var lines: [String] = []
        for (section, word) in [("access", ""), ("ssh", "SSH as "), ("attributes", "attribute ")] {
            for change in value[section]?.list ?? [] {
                for (mark, name) in [("+", "gained"), ("-", "lost")] {
                    let things = Self.texts(change[name])
                    guard !things.isEmpty else { continue }
                    lines.append(
                        Table.printable("\(mark) \(Self.parties(change)): \(word)\(things.joined(separator: ", "))")
                    )
                }
            }
        }
        let text = lines.isEmpty ? "Nobody gains or loses anything." : lines.joined(separator: "\n")
        return Report(text: text, value: value)
    }

    private static func parties(_ change: JSONValue) -> String {
        let (sources, targets) = (shown(texts(change["sources"])), shown(texts(change["destinations"])))
        let scope =
            switch change["scope"]?.text {
            case "sameUser": " (devices of one user)"
            case "otherUsers": " (devices of different users)"
            default: ""
            }
        return (sources.isEmpty ? targets : "\(sources) -> \(targets)") + scope
    }

    private static func texts(_ list: JSONValue?) -> [String] {
        (list?.list ?? []).compactMap(\.text)
    }

    /// The first of many names, and how many more there are.
    private static func shown(_ names: [String]) -> String {
        let limit = 8
        guard names.count > limit else { return names.joined(separator: ", ") }
        return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
    }
}
