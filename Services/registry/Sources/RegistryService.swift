public import ServiceLifecycle

/// Owner of users, nodes and keys: the only writer of their tables and the only issuer of versions.
public struct RegistryService: Service {
    private let configuration: Configuration
    private let dependencies: Dependencies

    public init(configuration: Configuration, dependencies: Dependencies) {
        self.configuration = configuration
        self.dependencies = dependencies
    }

    /// Serves until shutdown; then writes and publishes what is pending.
    public func run() async throws {
        try await Registry.start(configuration, dependencies).run()
    }
}
