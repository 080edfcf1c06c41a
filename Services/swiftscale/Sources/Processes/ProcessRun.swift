import Logging
import Metrics
import ServiceKit
import ServiceLifecycle

/// One run of a process, from start to SIGINT or SIGTERM.
struct ProcessRun {
    let kind: ProcessKind
    let configuration: ServerConfiguration
    let console: Console

    /// - Throws: why it could not start or had to stop.
    func run() async throws(CommandFailure) {
        LoggingSetup.bootstrap(
            level: configuration.log.level,
            format: configuration.log.format == .json ? .json : .text
        )
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "swiftscale")
        logNotes(logger)
        let composition = try Composition.make(
            ProcessContext(
                kind: kind,
                configuration: configuration,
                console: console,
                metrics: metrics,
                loggers: .system
            )
        )
        var settings = ServiceGroupConfiguration(
            services: composition.services.map { .init(service: $0) },
            logger: logger
        )
        settings.maximumGracefulShutdownDuration = StopSignals.gracefulLimit
        let group = ServiceGroup(configuration: settings)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await StopSignals(logger: logger).watch(group) }
                try await group.run()
                tasks.cancelAll()
            }
        } catch {
            throw CommandFailure("\(kind == .serve ? "the server" : kind.rawValue) stopped: \(error)")
        }
    }

    private func logNotes(_ logger: Logger) {
        for note in configuration.notes {
            switch note.weight {
            case .warning: logger.warning("\(note.text)")
            case .notice: logger.notice("\(note.text)")
            }
        }
    }
}
