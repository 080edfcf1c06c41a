import Bus
import Logging
import ServiceKit
public import ServiceLifecycle

/// Owner of policy documents and their history: checks, stores and publishes them, and answers questions about them.
public struct PolicyService: Service {
    private let configuration: Configuration
    private let dependencies: Dependencies
    private let readiness = PolicyReadiness()

    public init(configuration: Configuration, dependencies: Dependencies) {
        self.configuration = configuration
        self.dependencies = dependencies
    }

    /// Whether a policy is being served.
    public var isReady: Bool { readiness.isReady }

    /// Serves until shutdown.
    ///
    /// - Throws: ``PolicyServiceError`` where there is no policy to serve, and whatever a part fails with.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await serveUntilCancelled()
        }
    }

    private func serveUntilCancelled() async throws {
        let network = LiveNetwork()
        let keeper = PolicyKeeper(configuration, dependencies, network: network)
        let follower = ChangeFollower(
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            logger: dependencies.logger,
            clock: dependencies.clock
        )
        let approver = RouteApprover(
            keeper: keeper,
            network: network,
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            clock: dependencies.clock,
            logger: dependencies.logger
        )
        let handlers = PolicyHandlers(keeper: keeper, network: network, configuration, dependencies)
        try await withThrowingTaskGroup { group in
            group.addTask {
                do {
                    try await follower.run(network)
                } catch BusError.cancelled {
                    dependencies.logger.debug("users and nodes are no longer followed")
                }
            }
            group.addTask {
                try await keeper.start()
                readiness.done()
                try await withThrowingTaskGroup { inner in
                    handlers.serve(in: &inner)
                    inner.addTask { try await keeper.followOthers() }
                    inner.addTask { await keeper.repeatItself() }
                    inner.addTask { await approver.run() }
                    if let path = configuration.source.path {
                        let watch = PolicyFileWatch(path: path, keeper: keeper, configuration, dependencies)
                        inner.addTask { await watch.lookForChanges() }
                        inner.addTask { await watch.followReloads() }
                    }
                    for try await _ in inner {}
                }
            }
            // Not `waitForAll`, which would wait for the others when one fails.
            do { for try await _ in group {} } catch is CancellationError {
                dependencies.logger.debug("policy service ended")
            }
        }
    }
}
