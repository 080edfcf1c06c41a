public import Logging

/// How log lines look.
public enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-01-02T03:04:05.678Z info registry: message key=value`
    case text
    /// `{"time":…,"level":…,"label":…,"message":…,"metadata":{…}}`, one object a line.
    case json
}

/// Makes the log handlers of a process; they write to standard error.
public enum LoggingSetup {
    /// Sets the handler of all loggers made from now on; once in a process.
    public static func bootstrap(level: Logger.Level, format: LogFormat) {
        LoggingSystem.bootstrap { label in handler(label: label, level: level, format: format) }
    }

    /// One handler, for a logger that does not come from the logging system.
    public static func handler(label: String, level: Logger.Level, format: LogFormat) -> any LogHandler {
        LineLogHandler(label: label, level: level, format: format, output: .standardError)
    }
}
