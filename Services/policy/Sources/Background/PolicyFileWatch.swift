import Logging
import ServiceKit

/// Tells the keeper when the policy file changed, or when somebody wants it read at once.
struct PolicyFileWatch: Sendable {
    private let file: PolicyFile
    private let keeper: PolicyKeeper
    private let configuration: PolicyService.Configuration
    private let dependencies: PolicyService.Dependencies

    init(
        path: String,
        keeper: PolicyKeeper,
        _ configuration: PolicyService.Configuration,
        _ dependencies: PolicyService.Dependencies
    ) {
        file = PolicyFile(path: path)
        self.keeper = keeper
        self.configuration = configuration
        self.dependencies = dependencies
    }

    /// Reads the file at once, and whenever it looks different, until cancelled.
    func lookForChanges() async {
        await file.file.follow(every: configuration.watchInterval, clock: dependencies.clock) {
            await keeper.load(file)
        }
    }

    func followReloads() async {
        for await _ in dependencies.reloads {
            dependencies.logger.notice("policy file is read again, as asked")
            await keeper.load(file)
        }
    }
}
