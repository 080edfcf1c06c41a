import PolicyService

/// Where the policy comes from.
struct PolicySettings: Hashable, Sendable {
    static let mode = ConfigurationKey("policy.mode")
    static let path = ConfigurationKey("policy.path")
    static let keys = [mode, path]

    enum Mode: String, Hashable, Sendable {
        case file
        case database
    }

    var mode: Mode
    var path: String?

    /// Without a path there is no file to read, so policies are set by request.
    var source: PolicyService.Source {
        guard mode == .file, let path else { return .database }
        return .file(path: path)
    }

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        mode = reader.value(Self.mode, or: .file, expecting: "file or database") { Mode(rawValue: $0) }
        path = reader.text(Self.path).map { paths.resolve($0, for: Self.path) }
    }

    /// A file that nobody reads must not go unnoticed.
    var notes: [ConfigurationNote] {
        guard mode == .database, let path else { return [] }
        return [
            ConfigurationNote(
                weight: .warning,
                text: "policy.path is without effect: policy.mode is database, so \(path) is not read"
            )
        ]
    }
}
