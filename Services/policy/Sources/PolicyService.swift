public import Bus
public import ControlModel
public import Logging
import ServiceKit
public import ServiceLifecycle

/// Publishes the policy in force and answers for it.
///
/// A child that fails ends the service. Graceful shutdown stops answering.
public struct PolicyService: Service {
    /// What the service is told at start.
    public struct Configuration: Sendable {
        public var tailnet: TailnetID
        public var policy: PolicyPublished

        public init(tailnet: TailnetID = .default, policy: PolicyPublished = .init(revision: 0, text: nil)) {
            self.tailnet = tailnet
            self.policy = policy
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
        let inForce = configuration.policy
        try await withThrowingTaskGroup { group in
            group.addTask { try await answer(with: inForce) }
            group.addTask { try await announce(inForce) }
            // Not `waitForAll`: that would wait for the others after one has failed.
            for try await _ in group {}
        }
    }

    private func answer(with inForce: PolicyPublished) async throws {
        do {
            try await bus.serve(FetchPolicy.self, tailnet: configuration.tailnet) { _ in inForce }
        } catch BusError.cancelled {
            logger.debug("policy requests ended")
        }
    }

    private func announce(_ inForce: PolicyPublished) async throws {
        do {
            try await bus.publish(inForce, tailnet: configuration.tailnet)
            logger.notice("policy published", metadata: [LogKey.version: "\(inForce.revision)"])
        } catch BusError.cancelled {
            logger.debug("policy was not published: stopped before")
        }
    }
}
