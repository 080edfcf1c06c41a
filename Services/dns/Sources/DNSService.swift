public import Bus
public import ControlModel
public import Logging
import ServiceKit
public import ServiceLifecycle

/// Publishes the DNS settings in force and answers for them.
///
/// A child that fails ends the service. Graceful shutdown stops answering.
public struct DNSService: Service {
    /// What the service is told at start.
    public struct Configuration: Sendable {
        public var tailnet: TailnetID
        public let settings: DNSSettings

        /// - Throws: ``DNSSettingsError`` with every fault of `settings`.
        public init(tailnet: TailnetID = .default, settings: DNSSettings) throws(DNSSettingsError) {
            let faults = DNSSettingsValidation.faults(of: settings)
            guard faults.isEmpty else { throw DNSSettingsError(faults: faults) }
            self.tailnet = tailnet
            self.settings = settings
        }
    }

    private let configuration: Configuration
    private let bus: any Bus
    private let logger: Logger

    public init(configuration: Configuration, bus: any Bus, logger: Logger) {
        self.configuration = configuration
        self.bus = bus
        self.logger = logger
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await serveUntilCancelled()
        }
    }

    private func serveUntilCancelled() async throws {
        let inForce = DNSSettingsPublished(revision: 1, settings: configuration.settings)
        try await withThrowingTaskGroup { group in
            group.addTask { try await answer(with: inForce) }
            group.addTask { try await announce(inForce) }
            // Not `waitForAll`: that would wait for the others after one has failed.
            for try await _ in group {}
        }
    }

    private func answer(with inForce: DNSSettingsPublished) async throws {
        do {
            try await bus.serve(FetchDNSSettings.self, tailnet: configuration.tailnet) { _ in inForce }
        } catch BusError.cancelled {
            logger.debug("dns requests ended")
        }
    }

    private func announce(_ inForce: DNSSettingsPublished) async throws {
        do {
            try await bus.publish(inForce, tailnet: configuration.tailnet)
            logger.notice("dns settings published", metadata: [LogKey.version: "\(inForce.revision)"])
        } catch BusError.cancelled {
            logger.debug("dns settings were not published: stopped before")
        }
    }
}
