public import Bus
public import ControlModel
public import Logging
import ServiceKit
public import ServiceLifecycle

/// Publishes the DNS settings in force, again and again, and answers for them.
///
/// A child that fails ends the service. Graceful shutdown stops answering.
public struct DNSService: Service {
    /// What the service is told at start.
    public struct Configuration: Sendable {
        public var tailnet: TailnetID
        public let settings: DNSSettings
        /// Readers keep the settings with the highest one: grows from start to start.
        public let revision: Int
        /// A file whose records take the place of those of `settings`, whenever it changes; `nil`: none.
        public var extraRecordsPath: String?
        /// How often that file is looked at.
        public var watchInterval = Duration.seconds(1)

        /// - Throws: ``DNSSettingsError`` with every fault of `settings`.
        public init(
            tailnet: TailnetID = .default,
            settings: DNSSettings,
            revision: Int,
            extraRecordsPath: String? = nil
        ) throws(DNSSettingsError) {
            self.extraRecordsPath = extraRecordsPath
            let faults = DNSSettingsValidation.faults(of: settings)
            guard faults.isEmpty else { throw DNSSettingsError(faults: faults) }
            self.tailnet = tailnet
            self.settings = settings
            self.revision = revision
        }
    }

    /// How long a reader that missed the settings may hold older ones.
    static let interval = Duration.seconds(30)

    private let configuration: Configuration
    private let bus: any Bus
    private let logger: Logger
    private let clock: any Clock<Duration>

    /// - Parameter clock: for waiting only.
    public init(
        configuration: Configuration,
        bus: any Bus,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.configuration = configuration
        self.bus = bus
        self.logger = logger
        self.clock = clock
    }

    /// Serves until shutdown.
    ///
    /// - Throws: ``ExtraRecordsError`` where there is a file that cannot be served, and whatever a part fails with.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await serveUntilCancelled()
        }
    }

    private func serveUntilCancelled() async throws {
        let keeper = DNSKeeper(configuration, bus: bus, logger: logger)
        try await keeper.start()
        try await withThrowingTaskGroup { group in
            group.addTask { try await answer(keeper) }
            group.addTask { await announce(keeper) }
            if configuration.extraRecordsPath != nil {
                group.addTask { await keeper.follow(every: configuration.watchInterval, clock: clock) }
            }
            // Not `waitForAll`: that would wait for the others after one has failed.
            for try await _ in group {}
        }
    }

    private func answer(_ keeper: DNSKeeper) async throws {
        do {
            try await bus.serve(FetchDNSSettings.self, tailnet: configuration.tailnet) { _ in await keeper.inForce }
        } catch BusError.cancelled {
            logger.debug("dns requests ended")
        }
    }

    private func announce(_ keeper: DNSKeeper) async {
        while !Task.isCancelled {
            await keeper.publish()
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: Self.interval)
        }
    }
}
