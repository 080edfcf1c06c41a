import Logging

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
    ///
    /// The stamp is taken before the file is read, so that a change in between is seen the next time.
    func lookForChanges() async {
        var seen: PolicyFile.Stamp?
        var isFirst = true
        repeat {
            let stamp = file.stamp
            if isFirst || stamp != seen { await keeper.load(file) }
            (seen, isFirst) = (stamp, false)
        } while (try? await dependencies.clock.sleep(for: configuration.watchInterval)) != nil
    }

    func followReloads() async {
        for await _ in dependencies.reloads {
            dependencies.logger.notice("policy file is read again, as asked")
            await keeper.load(file)
        }
    }
}
