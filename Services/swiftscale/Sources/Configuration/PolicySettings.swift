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
    /// `nil`: no policy, everybody may reach everything.
    var path: String?

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        mode = reader.value(Self.mode, or: .file, expecting: "file or database") { Mode(rawValue: $0) }
        path = reader.text(Self.path).map { paths.resolve($0, for: Self.path) }
    }

    /// A policy that is not enforced must not go unnoticed.
    var notes: [ConfigurationNote] {
        guard let path else { return [] }
        return [
            ConfigurationNote(
                weight: .warning,
                text: "the policy in \(path) is not enforced: policies are not supported yet, "
                    + "and every node may reach every other"
            )
        ]
    }
}
