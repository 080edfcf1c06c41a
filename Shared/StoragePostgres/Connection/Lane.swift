import CoreMetrics
import Dispatch
import Synchronization

/// A place for one connection: a queue on which calls may wait, and the session that they share one after the other.
///
/// `@unchecked`: `session` is used on `queue` only, and nothing else changes.
final class Lane: @unchecked Sendable {
    let queue = DispatchQueue(label: "postgres")
    let connector: Connector
    private var session: Session?

    init(connector: Connector) {
        self.connector = connector
    }

    var limits: PostgresLimits { connector.limits }

    /// Runs `body` on the session, made first where there is none; a session that ends with it is dropped.
    func run<Value>(
        until deadline: ContinuousClock.Instant,
        _ body: (Session) throws -> Value
    ) throws -> Value {
        let session = try self.session ?? connector.connect(until: deadline)
        self.session = session
        defer { tidy(session) }
        return try body(session)
    }

    /// Like ``run(until:_:)``, for what may be done again: reads, and writes that say the same twice.
    func repeating<Value>(
        until deadline: ContinuousClock.Instant,
        _ body: (Session) throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            let isFresh = session == nil
            do {
                return try run(until: deadline, body)
            } catch let fault as PostgresFault where attempt < limits.attempts {
                // An idle connection may have ended long ago; one made a moment ago tells that the server is away.
                guard fault.passes || (fault.isLoss && !isFresh) else { throw fault }
                attempt += 1
                connector.metrics.repeats.increment()
            }
        }
    }

    /// Ends the session.
    func close() {
        guard session != nil else { return }
        session = nil
        connector.metrics.connections.decrement()
    }

    private func tidy(_ session: Session) {
        if !session.isBroken && session.isInTransaction {
            _ = try? session.run([.rollback], until: .now + limits.connect)
        }
        if session.isBroken || session.isInTransaction { close() }
    }
}

extension PostgresFault {
    /// Whether the connection is gone, and the server may be there all the same.
    fileprivate var isLoss: Bool {
        switch self {
        case .connection: true
        case .server(let message): message.isFatal
        case .timedOut, .waitedTooLong, .tooManyWaiting, .outcomeUnknown, .closed: false
        }
    }
}
