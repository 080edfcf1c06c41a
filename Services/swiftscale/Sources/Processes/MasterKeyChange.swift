import Foundation
import Logging
import RegistryService
import ServiceKit
import ServiceLifecycle

/// The work of `swiftscale keys rotate-master`, on the configured database.
struct MasterKeyChange {
    /// How long the database may take to answer.
    private static let patience = Duration.seconds(30)

    let configuration: ServerConfiguration
    /// Where the new key goes instead of the configured file.
    let target: String?

    func run() async throws(CommandFailure) -> Report {
        let context = ProcessContext(
            kind: .registry,
            configuration: configuration,
            console: .standard,
            metrics: MetricsRegistry(),
            loggers: LoggerSource { Logger(label: $0) { _ in SwiftLogNoOpLogHandler() } }
        )
        let database = try context.database()
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                if let service = database.service { group.addTask { try await service.run() } }
                try await untilOpen(database)
                let rotation = MasterKeyRotation(
                    store: database.store,
                    source: configuration.data.masterKey.source,
                    output: target
                )
                let outcome = try await rotation.run()
                group.cancelAll()
                return Self.report(outcome)
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("the master key was not changed: \(error)")
        }
    }

    private func untilOpen(_ database: OpenDatabase) async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while !database.isOpen() {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("the database does not answer; nothing was changed")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try await database.check()
    }

    static func report(_ outcome: MasterKeyRotation.Outcome) -> Report {
        let kept = outcome.previousPath.map { "; the old one is kept in \($0)" } ?? ""
        return Report(
            text: """
                \(outcome.secrets.count) secrets are sealed with the new master key \(outcome.newKey) now.
                It is in \(outcome.path)\(kept).
                Back it up, and bring it to all registries of this database before they start again.
                """,
            value: .object([
                "newKey": .text(outcome.newKey), "oldKey": .text(outcome.oldKey), "path": .text(outcome.path),
                "previousPath": outcome.previousPath.map(JSONValue.text) ?? .null,
                "secrets": .list(outcome.secrets.map { .text($0) }),
            ])
        )
    }
}

extension Secret {
    /// As the registry takes it.
    var source: MasterKeySource {
        switch self {
        case .text(let text): .text(text)
        case .file(let path): .file(path)
        }
    }
}
