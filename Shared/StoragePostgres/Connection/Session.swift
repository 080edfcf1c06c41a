import CPostgres
import Foundation

/// One connection to the server; its calls wait, so it is used on a dispatch queue of its own and never on Swift's threads.
///
/// libpq itself never waits: it is non-blocking, and every wait is a `poll` that ends at a deadline. Statements travel in pipeline
/// mode: all of a call are sent at once, prepared on first use.
final class Session {
    private let connection: OpaquePointer
    private var prepared: [String: String] = [:]
    private var lastName = 0
    private var plans = PlanAge()
    /// After a fault that ends a session nothing more is sent.
    private(set) var isBroken = false

    typealias Instant = ContinuousClock.Instant

    /// Connects and logs in.
    init(_ parameters: [(name: String, value: String)], until deadline: Instant) throws {
        let started = CStrings(parameters.map(\.name) + [nil]).withPointers { names in
            CStrings(parameters.map(\.value) + [nil]).withPointers { PQconnectStartParams(names, $0, 0) }
        }
        guard let started else { throw PostgresFault.connection("out of memory") }
        connection = started
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        try finishConnecting(until: deadline)
        guard PQsetnonblocking(connection, 1) == 0 else { throw broken() }
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether a transaction is open, failed or not.
    var isInTransaction: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }

    private func finishConnecting(until deadline: Instant) throws {
        guard PQstatus(connection) != CONNECTION_BAD else { throw broken() }
        var phase = PGRES_POLLING_WRITING
        while phase != PGRES_POLLING_OK {
            switch phase {
            case PGRES_POLLING_READING: try wait(writing: false, until: deadline, doing: "connecting")
            case PGRES_POLLING_WRITING: try wait(writing: true, until: deadline, doing: "connecting")
            default: throw broken()
            }
            phase = PQconnectPoll(connection)
        }
    }

    /// Runs statements in one round trip: in the transaction that is open, or in one of their own.
    ///
    /// - Returns: the answers, in the order of the statements.
    /// - Throws: the first fault; the statements after it did not run.
    func run(_ statements: [Statement], until deadline: Instant) throws -> [RowSet] {
        guard !isBroken else { throw PostgresFault.connection("the connection broke before") }
        if !isInTransaction, plans.areDue() { _ = try exchange([.discardPlans], until: deadline) }
        plans.used(by: statements.count)
        return try exchange(statements, until: deadline)
    }

    private func exchange(_ statements: [Statement], until deadline: Instant) throws -> [RowSet] {
        if PQpipelineStatus(connection) == PQ_PIPELINE_OFF {
            guard PQenterPipelineMode(connection) == 1 else { throw broken() }
        }
        var steps: [Step] = []
        var names: [String: String] = [:]
        for statement in statements {
            let name = try prepared[statement.sql] ?? names[statement.sql] ?? prepare(statement.sql, &names, &steps)
            try send(statement, name: name)
            steps.append(.rows)
        }
        guard PQpipelineSync(connection) == 1 else { throw broken() }
        return try collect(steps, until: deadline)
    }

    private enum Step {
        case prepare(sql: String, name: String)
        case rows

        var isRows: Bool {
            if case .rows = self { true } else { false }
        }
    }

    private func prepare(_ sql: String, _ names: inout [String: String], _ steps: inout [Step]) throws -> String {
        lastName += 1
        let name = "s\(lastName)"
        guard PQsendPrepare(connection, name, sql, 0, nil) == 1 else { throw broken() }
        names[sql] = name
        steps.append(.prepare(sql: sql, name: name))
        return name
    }

    private func send(_ statement: Statement, name: String) throws {
        let isSent = CStrings(statement.values.map(\.text)).withPointers { values in
            PQsendQueryPrepared(connection, name, Int32(statement.values.count), values, nil, nil, 0)
        }
        guard isSent == 1 else { throw broken() }
    }

    /// Reads what the server says to each step, and to the mark at their end.
    private func collect(_ steps: [Step], until deadline: Instant) throws -> [RowSet] {
        var answers: [RowSet] = []
        var fault: PostgresFault?
        for step in steps {
            while let result = try nextResult(until: deadline) {
                let rows = RowSet(result)
                switch PQresultStatus(result) {
                case PGRES_TUPLES_OK: answers.append(rows)
                case PGRES_COMMAND_OK:
                    switch step {
                    case .prepare(let sql, let name): prepared[sql] = name
                    case .rows: answers.append(rows)
                    }
                case PGRES_PIPELINE_ABORTED: break
                default: fault = fault ?? self.fault(result)
                }
                if isBroken, let fault { throw fault }
            }
        }
        guard let mark = try nextResult(until: deadline) else { throw broken() }
        defer { PQclear(mark) }
        if let fault { throw fault }
        guard PQresultStatus(mark) == PGRES_PIPELINE_SYNC, answers.count == steps.count(where: \.isRows) else {
            throw broken()
        }
        return answers
    }

    /// Runs a script of any number of statements, outside the pipeline.
    func runScript(_ sql: String, until deadline: Instant) throws -> [RowSet] {
        guard !isBroken, PQexitPipelineMode(connection) == 1, PQsendQuery(connection, sql) == 1 else { throw broken() }
        var answers: [RowSet] = []
        var fault: PostgresFault?
        while let result = try nextResult(until: deadline) {
            let rows = RowSet(result)
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: answers.append(rows)
            default: fault = fault ?? self.fault(result)
            }
        }
        if let fault { throw fault }
        return answers
    }
}

extension Session {
    /// The next result, or `nil` after the last one of a statement; sends what is still to be sent meanwhile.
    private func nextResult(until deadline: Instant) throws -> OpaquePointer? {
        while true {
            let unsent = PQflush(connection)
            if PQisBusy(connection) == 0 { return PQgetResult(connection) }
            guard unsent >= 0 else { throw broken() }
            try wait(writing: unsent > 0, until: deadline, doing: "running a statement")
            guard PQconsumeInput(connection) == 1 else { throw broken() }
        }
    }

    private func wait(writing: Bool, until deadline: Instant, doing action: String) throws {
        let events = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
        var entry = pollfd(fd: PQsocket(connection), events: events, revents: 0)
        guard entry.fd >= 0 else { throw broken() }
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                isBroken = true
                throw PostgresFault.timedOut(doing: action)
            }
            let ready = poll(&entry, 1, Int32(clamping: left.milliseconds + 1))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw broken() }
        }
    }

    private func fault(_ result: OpaquePointer) -> PostgresFault {
        let field = { (code: Int32) in PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
        let isLost = PQstatus(connection) == CONNECTION_BAD
        let state = field(Int32(UnicodeScalar("C").value))
        let severity = field(Int32(UnicodeScalar("V").value))
        if isLost && state.isEmpty { return broken() }
        let fault = PostgresFault.server(
            .init(
                state: state,
                text: field(Int32(UnicodeScalar("M").value)),
                constraint: field(Int32(UnicodeScalar("n").value)),
                isFatal: isLost || severity == "FATAL" || severity == "PANIC"
            )
        )
        if fault.endsSession { isBroken = true }
        return fault
    }

    private func broken() -> PostgresFault {
        isBroken = true
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return .connection(text.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}
