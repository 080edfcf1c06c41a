import Configuration

/// Environment variables as configuration: those that start with ``prefix`` and are not empty.
struct EnvironmentSource: Sendable {
    static let prefix = "SWIFTSCALE_"
    /// Names the configuration file; no key.
    static let fileVariable = prefix + "CONFIG"

    private let variables: [String: String]

    init(_ environment: [String: String]) {
        variables = environment.filter { $0.key.hasPrefix(Self.prefix) && !$0.value.isEmpty }
    }

    /// Reads `SWIFTSCALE_DNS_BASE_DOMAIN` for `dns.base_domain`; a list is divided by commas.
    var provider: some ConfigProvider {
        EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "swiftscale")
    }

    func value(of key: ConfigurationKey) -> String? {
        variables[key.environmentName]
    }

    /// Names that belong to no key, sorted, each with the name most like it.
    var unknown: [(name: String, nearest: String?)] {
        let known = Set(KnownKeys.all.map(\.environmentName) + [Self.fileVariable])
        return variables.keys.filter { !known.contains($0) }.sorted().map { name in
            let ranked = known.map { (name: $0, distance: EditDistance.between(name, $0)) }
            let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
            return (name, best.flatMap { $0.distance <= 4 ? $0.name : nil })
        }
    }
}
