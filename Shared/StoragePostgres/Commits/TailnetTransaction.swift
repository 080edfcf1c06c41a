import ControlModel
import CoreMetrics
import Logging
import Storage

/// What a transaction is to write, decided on what it read under the tailnet's lock.
struct TailnetDecision<Answer: Sendable>: Sendable {
    /// Nothing is committed when there are none.
    var statements: [Statement]
    /// How to tell later whether they were committed.
    var proof: Proof
    var answer: Answer

    enum Proof: Sendable {
        /// The change log has this version with this number.
        case change(Version, writer: Int64)
        /// The gateway has this beat.
        case beat(Int64, gateway: String)
        /// None is needed: doing it again gives the same answer.
        case repetition
    }
}

/// One transaction of two round trips under the lock of a tailnet's row: lock and read, write and commit.
///
/// When the connection breaks in the second, whether it was committed is found out on another one.
struct TailnetTransaction<Answer: Sendable> {
    typealias Instant = ContinuousClock.Instant
    typealias Decide = (TailnetState, [RowSet]) throws -> TailnetDecision<Answer>

    let tailnet: TailnetID
    let turn: Turn
    /// In the first round trip, after the lock: READ COMMITTED lets them see all that earlier holders wrote.
    let reads: [Statement]
    /// May be called several times.
    let decide: Decide

    private var lane: Lane { turn.lane }
    private var limits: PostgresLimits { lane.limits }
    private var metrics: PostgresMetrics { lane.connector.metrics }

    func run() throws -> Answer {
        var attempt = 1
        while true {
            do {
                return try attemptOnce()
            } catch let fault as PostgresFault where fault.passes && attempt < limits.attempts {
                attempt += 1
                metrics.repeats.increment()
            } catch is NotWritten where attempt < limits.attempts {
                attempt += 1
                metrics.repeats.increment()
            } catch is NotWritten {
                throw PostgresFault.connection("the connection broke during each attempt to commit")
            }
        }
    }

    private func attemptOnce() throws -> Answer {
        // Nothing is written before the last round trip: up to there all may be done again on another connection.
        do {
            return try lane.repeating(until: turn.deadline) { session in
                let decision = try prepare(session)
                guard !decision.statements.isEmpty else {
                    _ = try session.run([.rollback], until: turn.deadline)
                    return decision.answer
                }
                do {
                    let answers = try session.run(decision.statements + [.commit], until: turn.deadline)
                    guard answers.last?.tag == "COMMIT" else {
                        throw PostgresFault.connection("a commit was answered with something else")
                    }
                } catch let fault as PostgresFault where fault.leavesCommitOpen {
                    throw Broken(cause: fault, decision: decision)
                }
                return decision.answer
            }
        } catch let broken as Broken {
            return try lookInto(broken)
        }
    }

    /// Locks the tailnet's row, making it first where there is none, reads, and decides.
    private func prepare(_ session: Session) throws -> TailnetDecision<Answer> {
        let reads = [TailnetTable.lock(tailnet)] + reads
        var answers = try session.run([.begin] + reads, until: turn.deadline)
        var state = try TailnetTable.state(answers[1])
        if state == nil {
            answers = try session.run([TailnetTable.create(tailnet)] + reads, until: turn.deadline)
            state = try TailnetTable.state(answers[1])
        }
        guard let state else { throw PostgresFault.connection("the row of the tailnet cannot be made") }
        return try decide(state, Array(answers.dropFirst(2)))
    }

    /// The connection broke in the last round trip.
    private struct Broken: Error {
        let cause: PostgresFault
        let decision: TailnetDecision<Answer>
    }
}

/// It is certain that nothing was written.
private struct NotWritten: Error {}

extension TailnetTransaction {
    /// Finds out whether a transaction was committed whose connection broke.
    ///
    /// - Throws: ``NotWritten``; or that it could not be found out.
    private func lookInto(_ broken: Broken) throws -> Answer {
        let end = ContinuousClock.now + limits.outcome
        var last = broken.cause
        while ContinuousClock.now < end {
            do {
                switch try fate(of: broken.decision.proof, until: end) {
                case .written:
                    metrics.written.increment()
                    return broken.decision.answer
                case .notWritten:
                    metrics.notWritten.increment()
                    throw NotWritten()
                case .forgotten:
                    throw unknown(.connection("the change log no longer reaches back"))
                }
            } catch let fault as PostgresFault {
                if case .outcomeUnknown = fault { throw fault }
                last = fault
                turn.whileAway(.unavailable(cause: fault))
                // This is the lane's own thread, and no other way to wait on it.
                pause(limits.outcomePause)
            }
        }
        throw unknown(last)
    }

    private func unknown(_ cause: PostgresFault) -> PostgresFault {
        metrics.unknown.increment()
        lane.connector.logger.error("the outcome of a commit is unknown", metadata: ["error": "\(cause)"])
        return .outcomeUnknown("\(cause)")
    }

    private enum Fate {
        case written
        case notWritten
        /// The log was trimmed so far meanwhile.
        case forgotten
    }

    /// Takes the tailnet's lock first: the old transaction, if it goes on, holds it until it has ended.
    private func fate(of proof: TailnetDecision<Answer>.Proof, until end: Instant) throws -> Fate {
        let question: Statement
        switch proof {
        case .change(let version, _): question = ChangeTable(tailnet: tailnet).selectWriter(of: version)
        case .beat(_, let gateway): question = PresenceTable(tailnet: tailnet).selectBeat(of: gateway)
        case .repetition: return .notWritten
        }
        return try lane.repeating(until: min(end, .now + limits.call)) { session in
            let statements = [.begin, TailnetTable.lock(tailnet), question, .rollback]
            let answers = try session.run(statements, until: end)
            let found = try answers[2].first("change") { try $0.integer(Int64.self) }
            switch proof {
            case .change(let version, let writer):
                guard let state = try TailnetTable.state(answers[1]), state.version >= version else {
                    return .notWritten
                }
                return found.map { $0 == writer ? .written : .notWritten } ?? .forgotten
            case .beat(let beat, _): return found == beat ? .written : .notWritten
            case .repetition: return .notWritten
            }
        }
    }
}

extension PostgresFault {
    /// Whether a COMMIT that met this may have been carried out all the same.
    fileprivate var leavesCommitOpen: Bool {
        switch self {
        case .connection, .timedOut: true
        case .server(let message): message.isFatal
        case .waitedTooLong, .tooManyWaiting, .outcomeUnknown, .closed: false
        }
    }
}
