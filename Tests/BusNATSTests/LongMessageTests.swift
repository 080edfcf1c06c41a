import Bus
import BusNATS
import ControlModel
import TestKit
import Testing

@Suite("NATS bus: messages longer than the server takes", .timeLimit(.minutes(2)))
struct LongMessageTests {
    @Test("long events arrive whole and in order with short ones", arguments: [4096, 1 << 20])
    func events(serverLimit: Int) async throws {
        let server = try await NATSServer("max_payload: \(serverLimit)")
        let (sender, reader) = (try NATSBus(.test(server)), try NATSBus(.test(server)))
        let events = try await reader.events(Text.self, tailnet: .default)
        let texts = (1...20).map { number in
            String(repeating: "\(number % 10)", count: number.isMultiple(of: 2) ? 3 * serverLimit + number : 1)
        }
        try await eventually("the sender is connected") { sender.isConnected }
        for text in texts { try await sender.publish(Text(text: text), tailnet: .default) }
        var iterator = events.makeAsyncIterator()
        for text in texts {
            let arrived = await iterator.next()
            let isRight = arrived?.text == text
            #expect(isRight, "\(arrived?.text.prefix(9) ?? "nothing"), not \(text.prefix(9))")
        }
        await sender.close()
        await reader.close()
    }

    @Test("long requests and answers go to one responder of several")
    func requests() async throws {
        let server = try await NATSServer("max_payload: 4096")
        let asker = try NATSBus(.test(server))
        let responders = try (0..<3).map { _ in try NATSBus(.test(server)) }
        try await withThrowingTaskGroup { group in
            for responder in responders {
                group.addTask {
                    try await responder.serve(Echo.self, tailnet: .default) { Text(text: $0.text) }
                }
            }
            try await withThrowingTaskGroup { askers in
                for number in 1...50 {
                    askers.addTask {
                        // Cheap to make, and different for each: parts of one must not get into another.
                        let text = String(repeating: "\(number) ", count: number * 500)
                        let answer = try await asker.request(Echo(text: text), tailnet: .default)
                        let isRight = answer.text == text
                        #expect(isRight)
                    }
                }
                try await askers.waitForAll()
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        await asker.close()
        for responder in responders { await responder.close() }
    }

    @Test("a long request waits for a responder to appear, and fails without one")
    func longRequestWaits() async throws {
        let server = try await NATSServer("max_payload: 4096")
        let bus = try NATSBus(.test(server))
        let request = Reverse(text: String(repeating: "x", count: 100_000))
        try await eventually("it is connected") { bus.isConnected }
        do {
            _ = try await bus.request(request, tailnet: .default, timeout: .milliseconds(20))
            Issue.record("answered by nobody")
        } catch BusError.noResponder(let subject) {
            #expect(subject == Reverse.subject)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.request(request, tailnet: .default).text.utf8.count }
            group.addTask {
                try await bus.serve(Reverse.self, tailnet: .default) { Text(text: $0.text) }
                return 0
            }
            let length = try await group.next()
            #expect(length == 100_000)
            group.cancelAll()
        }
        await bus.close()
    }

    @Test("a message beyond the limit is refused, to send and as an answer")
    func tooLong() async throws {
        let server = try await NATSServer()
        let bus = try NATSBus(.test(server))
        let text = String(repeating: "x", count: NATSBusLimits.messageLength + 1)
        try await eventually("it is connected") { bus.isConnected }
        await expectRefusal(.invalid) { try await bus.publish(Text(text: text), tailnet: .default) }
        await expectRefusal(.invalid) { _ = try await bus.request(Reverse(text: text), tailnet: .default) }
        await withThrowingTaskGroup { group in
            group.addTask { try await bus.serve(Reverse.self, tailnet: .default) { _ in Text(text: text) } }
            await expectRefusal(.internalError) { _ = try await bus.request(Reverse(text: ""), tailnet: .default) }
            group.cancelAll()
        }
        await bus.close()
    }

    private func expectRefusal(_ reason: RequestFailure.Reason, _ work: () async throws -> Void) async {
        do {
            try await work()
            Issue.record("not refused")
        } catch BusError.refused(let failure) {
            #expect(failure.reason == reason)
        } catch {
            Issue.record("\(error)")
        }
    }
}

struct Text: BusEvent {
    static let subject = "test.text"
    var text: String
}

struct Reverse: BusRequest {
    static let subject = "test.reverse"
    var text: String
    typealias Response = Text
}

struct Echo: BusRequest {
    static let subject = "test.echo"
    var text: String
    typealias Response = Text
}
