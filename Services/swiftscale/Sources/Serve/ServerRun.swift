import Foundation
import Logging
import Metrics
import ServiceKit
import ServiceLifecycle
import UnixSignals

/// One run of the server in this process, from start to SIGINT or SIGTERM.
struct ServerRun {
    let configuration: ServerConfiguration
    let console: Console

    /// - Throws: why the server could not start or had to stop.
    func run() async throws(CommandFailure) {
        LoggingSetup.bootstrap(
            level: configuration.log.level,
            format: configuration.log.format == .json ? .json : .text
        )
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "swiftscale")
        logNotes(logger)
        let composition = try Composition(configuration, metrics: metrics, loggers: .system)
        let welcome = Welcome(
            gateway: composition.gateway,
            listener: composition.listener,
            configuration: configuration,
            surroundings: .current(),
            program: CommandLine.arguments.first ?? "swiftscale",
            console: console
        )
        var group = ServiceGroupConfiguration(
            services: (composition.services + [welcome]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(15)
        group.maximumCancellationDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw CommandFailure("the server stopped: \(error)")
        }
    }

    private func logNotes(_ logger: Logger) {
        for note in configuration.notes {
            switch note.weight {
            case .warning: logger.warning("\(note.text)")
            case .notice: logger.notice("\(note.text)")
            }
        }
        guard configuration.listener.isServerURLDerived, configuration.listener.address.isWildcard else { return }
        logger.warning(
            "server_url is not set: clients on other machines cannot use \(configuration.listener.serverURL)"
        )
    }
}
