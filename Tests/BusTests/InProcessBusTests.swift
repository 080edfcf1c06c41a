import Bus
import BusInProcess
import ControlModel
import TestKit
import Testing

@Suite("In-process bus", .timeLimit(.minutes(1)))
struct InProcessBusTests {
    @Test("it keeps the contract of the bus", arguments: BusContract.clauses)
    func contract(clause: ContractClause<any Bus>) async throws {
        try await clause.check(InProcessBus())
    }

    @Test("a responder that is stopped answers that it stops")
    func stoppedResponder() async throws {
        let bus = InProcessBus()
        let begun = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                do {
                    _ = try await bus.request(CheckRegistry(), tailnet: .default)
                    Issue.record("answered by a responder that was stopped")
                } catch BusError.refused(let failure) {
                    #expect(failure.reason == .unavailable)
                }
            }
            try await withThrowingTaskGroup { responders in
                responders.addTask {
                    try await bus.serve(CheckRegistry.self, tailnet: .default) { _ in
                        begun.continuation.yield()
                        try await Task.sleep(for: .seconds(3600))
                        return Done()
                    }
                }
                for await _ in begun.stream { break }
                responders.cancelAll()
                try await responders.waitForAll()
            }
            try await group.waitForAll()
        }
    }

    @Test("no request is lost while responders come and go")
    func comingAndGoing() async throws {
        let bus = InProcessBus()
        let served = Served()
        try await withThrowingTaskGroup { group in
            for _ in 1...500 {
                group.addTask { _ = try await bus.request(CheckRegistry(), tailnet: .default, timeout: .seconds(60)) }
            }
            while await served.count < 500 {
                let responder = Responder(bus: bus, served: served)
                await responder.runBriefly()
            }
            try await group.waitForAll()
        }
        #expect(await served.count == 500)
    }
}

private actor Served {
    private(set) var count = 0

    func add() { count += 1 }
}

private struct Responder {
    let bus: InProcessBus
    let served: Served

    func runBriefly() async {
        await withTaskGroup { group in
            group.addTask {
                try? await bus.serve(CheckRegistry.self, tailnet: .default) { _ in
                    await served.add()
                    return Done()
                }
            }
            await Task.yield()
            group.cancelAll()
        }
    }
}
