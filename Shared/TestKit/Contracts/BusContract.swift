public import Bus
import ControlModel

/// What every adapter of ``Bus`` promises.
public enum BusContract {
    /// Each runs on a bus of its own.
    public static let clauses: [ContractClause<any Bus>] = eventClauses + requestClauses + failureClauses

    private static let eventClauses = [
        ContractClause<any Bus>("events of one publisher arrive in order") { bus in
            let events = try await bus.events(Tick.self, tailnet: .default)
            for number in 1...1000 { try await bus.publish(Tick(number: number), tailnet: .default) }
            try require(await numbers(of: events, count: 1000), is: Array(1...1000))
        },
        ContractClause<any Bus>("every subscriber gets every event") { bus in
            let first = try await bus.events(Tick.self, tailnet: .default)
            let second = try await bus.events(Tick.self, tailnet: .default)
            try await bus.publish(Tick(number: 7), tailnet: .default)
            try require(await numbers(of: first, count: 1), is: [7])
            try require(await numbers(of: second, count: 1), is: [7])
        },
        ContractClause<any Bus>("a late subscriber gets what is published after it subscribed") { bus in
            try await bus.publish(Tick(number: 1), tailnet: .default)
            let events = try await bus.events(Tick.self, tailnet: .default)
            try await bus.publish(Tick(number: 2), tailnet: .default)
            try require(await numbers(of: events, count: 1), is: [2])
        },
        ContractClause<any Bus>("events stay in their tailnet and kind") { bus in
            let events = try await bus.events(Tick.self, tailnet: .default)
            try await bus.publish(Tick(number: 1), tailnet: otherTailnet())
            try await bus.publish(Tock(number: 2), tailnet: .default)
            try await bus.publish(Tick(number: 3), tailnet: .default)
            try require(await numbers(of: events, count: 1), is: [3])
        },
        ContractClause<any Bus>("a slow reader loses the oldest events") { bus in
            let events = try await bus.events(Tick.self, tailnet: .default)
            let ends = try await bus.events(Tock.self, tailnet: .default)
            let count = BusLimits.pendingEvents + 10
            for number in 1...count { try await bus.publish(Tick(number: number), tailnet: .default) }
            // Sent last, so all have come when it comes; the contract promises no order across subjects, the adapters have it.
            try await bus.publish(Tock(number: 0), tailnet: .default)
            for await _ in ends { break }
            let numbers = await numbers(of: events, count: BusLimits.pendingEvents)
            try require(numbers, is: Array(11...count))
        },
    ]

    private static let requestClauses = [
        ContractClause<any Bus>("a request is answered") { bus in
            try await serving(bus, Twice.self, { Answer(number: $0.number * 2, by: "") }) {
                try require(try await bus.request(Twice(number: 21), tailnet: .default).number, is: 42)
            }
        },
        ContractClause<any Bus>("a handler knows on whose behalf each request is made") { bus in
            let origins = [RequestOrigin(actor: "ü\n\"x\"", source: "192.0.2.1"), RequestOrigin(actor: "b"), nil]
            let handler: @Sendable (Twice) -> Answer = { request in
                let origin = RequestOrigin.current
                return Answer(number: request.number, by: "\(origin?.actor ?? "-") \(origin?.source ?? "-")")
            }
            try await serving(bus, Twice.self, handler) {
                for origin in origins {
                    let answer = try await RequestOrigin.$current.withValue(origin) {
                        try await bus.request(Twice(number: 1), tailnet: .default)
                    }
                    try require(answer.by, is: "\(origin?.actor ?? "-") \(origin?.source ?? "-")")
                }
            }
        },
        ContractClause<any Bus>("a request waits for a responder to appear") { bus in
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.request(Twice(number: 1), tailnet: .default).number }
                group.addTask {
                    try await bus.serve(Twice.self, tailnet: .default) { Answer(number: $0.number, by: "") }
                    return 0
                }
                try require(try await group.next(), is: 1)
                group.cancelAll()
            }
        },
        ContractClause<any Bus>("several responders share the load") { bus in
            try await serving(bus, Twice.self, { Answer(number: $0.number, by: "a") }) {
                try await serving(bus, Twice.self, { Answer(number: $0.number, by: "b") }) {
                    var responders: Set<String> = []
                    for number in 1...1000 where responders.count < 2 {
                        responders.insert(try await bus.request(Twice(number: number), tailnet: .default).by)
                    }
                    try require(responders, is: ["a", "b"])
                }
            }
        },
        ContractClause<any Bus>("requests are handled concurrently, up to the limit, and the others wait") { bus in
            let limit = BusLimits.concurrentRequests
            let crowd = Crowd()
            let handler: @Sendable (Twice) async throws -> Answer = { request in
                await crowd.meet(limit)
                return Answer(number: request.number, by: "")
            }
            try await serving(bus, Twice.self, handler) {
                let sum = try await withThrowingTaskGroup { group in
                    for number in 1...(2 * limit) {
                        group.addTask { try await bus.request(Twice(number: number), tailnet: .default).number }
                    }
                    return try await group.reduce(0, +)
                }
                try require(sum, is: limit * (2 * limit + 1))
                try require(await crowd.most, is: limit, "requests handled at once")
            }
        },
    ]

    private static let failureClauses = [
        ContractClause<any Bus>("a request that nobody answers fails with no responder") { bus in
            do {
                _ = try await bus.request(Twice(number: 1), tailnet: .default, timeout: .milliseconds(20))
                throw ContractViolation(description: "answered by nobody")
            } catch BusError.noResponder(let subject) {
                try require(subject, is: Twice.subject)
            }
        },
        ContractClause<any Bus>("a responder that takes too long makes a time-out") { bus in
            let gate = Gate()
            let handler: @Sendable (Twice) async throws -> Answer = { request in
                await gate.pass()
                return Answer(number: request.number, by: "")
            }
            try await serving(bus, Twice.self, handler) {
                // So that the responder is known to be there.
                try require(try await bus.request(Twice(number: 3), tailnet: .default).number, is: 3)
                await gate.shut()
                do {
                    _ = try await bus.request(Twice(number: 1), tailnet: .default, timeout: .milliseconds(50))
                    throw ContractViolation(description: "answered through a closed gate")
                } catch BusError.timeout(let subject) {
                    try require(subject, is: Twice.subject)
                }
                await gate.open()
                try require(try await bus.request(Twice(number: 4), tailnet: .default).number, is: 4)
            }
        },
        ContractClause<any Bus>("a refusal reaches the asker as it is") { bus in
            let failure = RequestFailure(.notFound, "there is no such thing")
            try await serving(bus, Twice.self, { _ in throw failure }) {
                try await requireRefusal(failure) { try await bus.request(Twice(number: 1), tailnet: .default) }
            }
        },
        ContractClause<any Bus>("any other error becomes an internal one") { bus in
            try await serving(bus, Twice.self, { _ in throw Unforeseen() }) {
                try await requireRefusal(.internalError) {
                    try await bus.request(Twice(number: 1), tailnet: .default)
                }
            }
        },
        ContractClause<any Bus>("an asker that is cancelled stops waiting") { bus in
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.request(Twice(number: 1), tailnet: .default, timeout: .seconds(600)) }
                group.cancelAll()
                do {
                    _ = try await group.next()
                    throw ContractViolation(description: "answered by nobody")
                } catch BusError.cancelled {}
            }
        },
        ContractClause<any Bus>("a responder that stops leaves the work to the next") { bus in
            try await serving(bus, Twice.self, { Answer(number: $0.number, by: "first") }) {
                try require(try await bus.request(Twice(number: 1), tailnet: .default).by, is: "first")
            }
            try await serving(bus, Twice.self, { Answer(number: $0.number, by: "second") }) {
                try require(try await bus.request(Twice(number: 1), tailnet: .default).by, is: "second")
            }
        },
    ]
}

extension BusContract {
    private static func otherTailnet() throws -> TailnetID {
        try requireSome(TailnetID("other"), "a tailnet id")
    }

    private static func numbers(of events: AsyncStream<Tick>, count: Int) async -> [Int] {
        var numbers: [Int] = []
        for await event in events {
            numbers.append(event.number)
            if numbers.count == count { break }
        }
        return numbers
    }

    /// Runs `body` while a responder answers, which has appeared before.
    private static func serving<Request: BusRequest>(
        _ bus: any Bus,
        _ type: Request.Type,
        _ handler: @escaping @Sendable (Request) async throws -> Request.Response,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.serve(type, tailnet: .default, handler: handler) }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func requireRefusal(
        _ expected: RequestFailure,
        of request: () async throws -> Answer
    ) async throws {
        do {
            let answer = try await request()
            throw ContractViolation(description: "expected \(expected), got \(answer)")
        } catch BusError.refused(let failure) {
            try require(failure, is: expected)
        }
    }
}

private struct Tick: BusEvent {
    static let subject = "contract.tick"
    var number: Int
}

private struct Tock: BusEvent {
    static let subject = "contract.tock"
    var number: Int
}

private struct Twice: BusRequest {
    static let subject = "contract.twice"
    var number: Int
    typealias Response = Answer
}

private struct Answer: Sendable, Codable {
    var number: Int
    var by: String
}

private struct Unforeseen: Error {}

/// Lets nobody pass while it is shut.
private actor Gate {
    private var isOpen = true
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func shut() {
        isOpen = false
    }

    func open() {
        isOpen = true
        for waiter in waiting { waiter.resume() }
        waiting = []
    }
}

/// Holds those who come until enough are there, and knows how many were there at most.
private actor Crowd {
    private(set) var most = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var present = 0

    func meet(_ size: Int) async {
        present += 1
        most = max(most, present)
        defer { present -= 1 }
        guard present < size else {
            for waiter in waiting { waiter.resume() }
            waiting = []
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }
}
