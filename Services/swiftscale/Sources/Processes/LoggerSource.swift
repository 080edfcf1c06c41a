import Logging

/// Makes the loggers of the services.
struct LoggerSource: Sendable {
    /// From a service's name.
    let logger: @Sendable (String) -> Logger

    /// Through the logging system of the process.
    static let system = LoggerSource { Logger(label: $0) }
}
