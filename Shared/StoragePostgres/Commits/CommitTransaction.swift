import ControlModel
import CoreMetrics
import Logging
import Storage

/// Writes a group of batches of one tailnet in one transaction of two round trips: lock and read, write and commit.
struct CommitTransaction {
    typealias Outcome = CommitPlan.Outcome
    typealias Instant = ContinuousClock.Instant

    let tailnet: TailnetID
    let lane: Lane
    let deadline: Instant
    /// Called each time when the server is not there while a broken commit is looked into.
    let whileAway: (StorageError) -> Void

    private var limits: PostgresLimits { lane.limits }
    private var metrics: PostgresMetrics { lane.connector.metrics }

    /// One outcome for each batch.
    func run(_ batches: [[RegistryWrite]]) -> [Outcome] {
        var attempt = 1
        while true {
            do {
                return try commit(batches)
            } catch let fault as PostgresFault where fault.isAboutValues && batches.count > 1 {
                // One of them met a constraint, whatever was read: each for itself, the others are fine.
                return batches.flatMap { run([$0]) }
            } catch let fault as PostgresFault where fault.passes && attempt < limits.attempts {
                attempt += 1
                metrics.repeats.increment()
            } catch is NotWritten where attempt < limits.attempts {
                attempt += 1
                metrics.repeats.increment()
            } catch {
                return Array(repeating: .failure(StorageError(of: error)), count: batches.count)
            }
        }
    }

    private func commit(_ batches: [[RegistryWrite]]) throws -> [Outcome] {
        // Nothing is written before the last round trip: up to there all may be done again on another connection.
        let reader = ImageReader(CommitNeeds(batches), tailnet: tailnet)
        var sent: Sent?
        do {
            return try lane.repeating(until: deadline) { session in
                let plan = try self.plan(batches, reader, session)
                guard !plan.written.changes.isEmpty else {
                    _ = try session.run([.rollback], until: deadline)
                    return plan.outcomes
                }
                let writer = Int64.random(in: .min ... .max)
                let statements = try plan.statements(writer: writer) + [.commit]
                sent = Sent(plan: plan, writer: writer)
                do {
                    let answers = try session.run(statements, until: deadline)
                    guard answers.last?.tag == "COMMIT" else {
                        throw PostgresFault.connection("a commit was answered with something else")
                    }
                } catch let fault as PostgresFault where fault.leavesCommitOpen {
                    throw Broken(cause: fault)
                }
                return plan.outcomes
            }
        } catch let broken as Broken {
            guard let sent else { throw broken.cause }
            return try lookInto(sent, broken.cause)
        }
    }

    /// Locks the tailnet's row, reads what the batches need, and decides.
    private func plan(_ batches: [[RegistryWrite]], _ reader: ImageReader, _ session: Session) throws -> CommitPlan {
        let reads = [TailnetTable.lock(tailnet)] + reader.statements
        var answers = try session.run([.begin] + reads, until: deadline).dropFirst()
        var state = try answers.first.flatMap(TailnetTable.state)
        if state == nil {
            answers = try session.run([TailnetTable.create(tailnet)] + reads, until: deadline).dropFirst()
            state = try answers.first.flatMap(TailnetTable.state)
        }
        guard let state else { throw PostgresFault.connection("the row of the tailnet cannot be made") }
        var plan = CommitPlan(tailnet: tailnet, state: state, image: try reader.image(answers.dropFirst()))
        for batch in batches { plan.add(batch) }
        return plan
    }

    /// What was on its way when the connection broke.
    private struct Sent {
        let plan: CommitPlan
        let writer: Int64
    }

    /// The connection broke in the last round trip.
    private struct Broken: Error {
        let cause: PostgresFault
    }

    /// It is certain that nothing was written.
    private struct NotWritten: Error {}
}

extension CommitTransaction {
    /// Finds out whether a commit was written whose connection broke: its first version is in the log with its number, or not.
    ///
    /// - Throws: ``NotWritten``; or that it could not be found out.
    private func lookInto(_ sent: Sent, _ cause: PostgresFault) throws -> [Outcome] {
        let end = ContinuousClock.now + limits.outcome
        var last = cause
        while ContinuousClock.now < end {
            do {
                switch try fate(of: sent, until: min(end, .now + limits.call)) {
                case .written:
                    metrics.written.increment()
                    return sent.plan.outcomes
                case .notWritten:
                    metrics.notWritten.increment()
                    throw NotWritten()
                case .forgotten:
                    last = .connection("the change log no longer reaches back")
                }
                break
            } catch let fault as PostgresFault {
                last = fault
                whileAway(.unavailable(cause: fault))
                // This is the lane's own thread, and no other way to wait on it.
                pause(limits.outcomePause)
            }
        }
        metrics.unknown.increment()
        lane.connector.logger.error("the outcome of a commit is unknown", metadata: ["error": "\(last)"])
        throw PostgresFault.outcomeUnknown("\(last)")
    }

    private enum Fate {
        case written
        case notWritten
        /// The log was trimmed so far meanwhile.
        case forgotten
    }

    /// Takes the tailnet's lock first: the old transaction, if it goes on, holds it until it has ended.
    private func fate(of sent: Sent, until end: Instant) throws -> Fate {
        guard let first = sent.plan.written.changes.first?.version else { return .notWritten }
        return try lane.repeating(until: end) { session in
            let answers = try session.run(
                [
                    .begin, TailnetTable.lock(tailnet), ChangeTable(tailnet: tailnet).selectWriter(of: first),
                    .rollback,
                ],
                until: end
            )
            guard let state = try TailnetTable.state(answers[1]), state.version >= first else { return .notWritten }
            guard let writer = try answers[2].first("change", { try $0.integer(Int64.self) }) else {
                return .forgotten
            }
            return writer == sent.writer ? .written : .notWritten
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
