import CoreMetrics
import Logging
import Synchronization

/// Makes sessions; after a failure it lets calls fail at once for a moment instead of making each of them wait.
final class Connector: Sendable {
    let configuration: PostgresStore.Configuration
    let limits: PostgresLimits
    let metrics: PostgresMetrics
    let logger: Logger

    private struct State {
        /// Until when the last failure stands for all.
        var pausedUntil: ContinuousClock.Instant?
        var lastFault: PostgresFault?
        /// Whether the log has said that the database is away.
        var isAway = false
    }

    private let state = Mutex(State())

    init(_ configuration: PostgresStore.Configuration, limits: PostgresLimits, logger: Logger) {
        self.configuration = configuration
        self.limits = limits
        self.logger = logger
        metrics = PostgresMetrics()
    }

    /// A session that is ready for statements.
    func connect(until deadline: ContinuousClock.Instant) throws -> Session {
        try checkPause()
        do {
            let session = try open(until: deadline)
            metrics.connections.increment()
            if noteSuccess() { logger.notice("the database answers again") }
            return session
        } catch {
            let fault = error as? PostgresFault ?? .connection("\(error)")
            metrics.connectFailures.increment()
            if note(fault) { logger.warning("the database cannot be reached", metadata: ["error": "\(fault)"]) }
            throw fault
        }
    }

    /// A session without settings, for the schema.
    func connectPlainly(until deadline: ContinuousClock.Instant) throws -> Session {
        let limit = min(deadline, .now + limits.connect)
        return try Session(configuration.parameters(limits), until: limit)
    }

    private func open(until deadline: ContinuousClock.Instant) throws -> Session {
        let session = try connectPlainly(until: deadline)
        _ = try session.run([settings], until: deadline)
        return session
    }

    /// Limits that the server keeps, and plans that depend as little as possible on how much is in a table when they are made.
    ///
    /// Every statement here has its index, and is planned once, not each time. Which index is taken still depends on what is in the
    /// table: that is what ``PlanAge`` is for.
    private var settings: Statement {
        let values = [
            ("statement_timeout", "\(limits.statement.milliseconds)"), ("lock_timeout", "\(limits.lock.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(limits.idleTransaction.milliseconds)"),
            ("enable_seqscan", "off"), ("plan_cache_mode", "force_generic_plan"), ("jit", "off"),
            ("default_transaction_isolation", "read committed"), ("extra_float_digits", "1"), ("bytea_output", "hex"),
        ]
        let calls = values.map { "set_config('\($0.0)', '\($0.1)', false)" }
        return Statement("SELECT " + calls.joined(separator: ", "))
    }

    private func checkPause() throws {
        let fault = state.withLock { state in
            guard let until = state.pausedUntil, ContinuousClock.now < until else { return nil as PostgresFault? }
            return state.lastFault
        }
        if let fault { throw fault }
    }

    private func noteSuccess() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return state.isAway
        }
    }

    private func note(_ fault: PostgresFault) -> Bool {
        state.withLock { state in
            defer { state.isAway = true }
            state.pausedUntil = .now + limits.reconnectPause
            state.lastFault = fault
            return !state.isAway
        }
    }
}
