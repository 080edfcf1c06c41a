import Logging

/// What is logged and in which form.
struct LogSettings: Hashable, Sendable {
    static let level = ConfigurationKey("log.level")
    static let format = ConfigurationKey("log.format")
    static let keys = [level, format]

    enum Format: String, Hashable, Sendable {
        case text
        case json
    }

    var level: Logger.Level
    var format: Format

    init(_ reader: inout SettingsReader) {
        level = reader.value(
            Self.level,
            or: .info,
            expecting: "trace, debug, info, notice, warn, error or critical",
            Self.parse
        )
        format = reader.value(Self.format, or: .text, expecting: "text or json") { Format(rawValue: $0.lowercased()) }
    }

    /// Accepts headscale's names too.
    private static func parse(_ text: String) -> Logger.Level? {
        switch text.lowercased() {
        case "warn": .warning
        case "fatal", "panic": .critical
        case let name: Logger.Level(rawValue: name)
        }
    }
}
