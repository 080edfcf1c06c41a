import Logging
import ServiceKit
import ServiceLifecycle
import Storage
import StoragePostgres
import Synchronization

/// Opens a PostgreSQL database when it answers, and closes it when all who use it have stopped.
final class PostgresKeeper: Service {
    private static let backoff = Backoff(first: .milliseconds(100), cap: .seconds(5))

    private let store: PostgresStore
    private let logger: Logger
    private let opened = Mutex(false)

    init(store: PostgresStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Whether the schema is as this program needs it.
    var isOpen: Bool { opened.withLock { $0 } }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.open() }
            opened.withLock { $0 = true }
            try await gracefulShutdown()
        } catch is CancellationError {
            // Stopped; perhaps before it was open.
        }
        await store.close()
    }

    private func open() async throws {
        var attempt = 0
        while true {
            do {
                return try await store.open()
            } catch {
                try Task.checkCancellation()
                guard Self.mayPass(error) else { throw error }
                logger.warning("the database is not there yet, trying again", metadata: [LogKey.error: "\(error)"])
            }
            try await Task.sleep(for: Self.backoff.delay(attempt: attempt))
            attempt += 1
        }
    }

    /// Whether waiting helps.
    ///
    /// A user or a database that is not known may be made a moment later by whoever sets all up.
    private static func mayPass(_ error: StorageError) -> Bool {
        guard case .unavailable(let cause) = error, let fault = cause as? PostgresOpenError else { return true }
        if case .refused = fault { return true }
        return !fault.isPermanent
    }
}
