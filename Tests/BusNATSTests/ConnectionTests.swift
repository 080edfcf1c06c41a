import Bus
import BusNATS
import ControlModel
import TestKit
import Testing

@Suite("NATS bus: the server comes and goes", .timeLimit(.minutes(2)))
struct ConnectionTests {
    @Test("a server that is away at the start is no error, and waited for")
    func awayAtStart() async throws {
        let server = try await NATSServer()
        await server.stop()
        let bus = try NATSBus(.test(server))
        #expect(!bus.isConnected)
        await expectUnavailable { try await bus.publish(Text(text: "early"), tailnet: .default) }
        try await withThrowingTaskGroup { group in
            group.addTask {
                // Subscribing waits for the server.
                let events = try await bus.events(Text.self, tailnet: .default)
                try await bus.publish(Text(text: "late"), tailnet: .default)
                for await event in events { return event.text }
                return ""
            }
            group.addTask {
                try await bus.request(Reverse(text: "ab"), tailnet: .default, timeout: .seconds(60)).text
            }
            group.addTask {
                try await bus.serve(Reverse.self, tailnet: .default) { Text(text: String($0.text.reversed())) }
                return ""
            }
            try await server.start()
            let answers: Set = [try await group.next(), try await group.next()]
            #expect(answers == ["late", "ba"])
            group.cancelAll()
        }
        await bus.close()
    }

    @Test("after the server was away, streams and responders go on, and nothing old is sent")
    func restart() async throws {
        let server = try await NATSServer()
        let (sender, reader) = (try NATSBus(.test(server)), try NATSBus(.test(server)))
        let events = try await reader.events(Text.self, tailnet: .default)
        try await eventually("the sender is connected") { sender.isConnected }
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await reader.serve(Reverse.self, tailnet: .default) { Text(text: String($0.text.reversed())) }
            }
            var iterator = events.makeAsyncIterator()
            for round in 1...3 {
                #expect(try await sender.request(Reverse(text: "ab"), tailnet: .default).text == "ba")
                try await sender.publish(Text(text: "\(round)"), tailnet: .default)
                let arrived = await iterator.next()
                #expect(arrived?.text == "\(round)")
                await server.stop()
                try await eventually("both see it") { !sender.isConnected && !reader.isConnected }
                await expectUnavailable { try await sender.publish(Text(text: "lost"), tailnet: .default) }
                await expectUnavailable {
                    _ = try await sender.request(Reverse(text: ""), tailnet: .default, timeout: .milliseconds(20))
                }
                try await server.start()
                try await eventually("both are back") { sender.isConnected && reader.isConnected }
            }
            group.cancelAll()
        }
        await sender.close()
        await reader.close()
    }

    @Test("a server that stands still makes nobody wait and nothing grow, and is left")
    func frozen() async throws {
        let server = try await NATSServer()
        let bus = try NATSBus(.test(server))
        let events = try await bus.events(Text.self, tailnet: .default)
        server.freeze()
        let text = String(repeating: "x", count: 1 << 20)
        var accepted = 0
        let clock = ContinuousClock()
        var longest = Duration.zero
        do {
            while true {
                longest = max(
                    longest,
                    try await clock.measure { try await bus.publish(Text(text: text), tailnet: .default) }
                )
                accepted += 1
                if accepted > 1000 { break }
            }
            Issue.record("it takes more than its limit")
        } catch BusError.unavailable {}
        #expect(longest < .seconds(2))
        #expect(accepted <= NATSBusLimits.outboxLength >> 20 + 20)
        // Left: it takes nothing for longer than it may.
        try await eventually("the bus leaves it", within: .seconds(40)) { !bus.isConnected }
        server.resume()
        try await eventually("the bus is back", within: .seconds(40)) { bus.isConnected }
        try await eventually("events arrive again") {
            try await bus.publish(Text(text: "again"), tailnet: .default)
            return true
        }
        for await event in events where event.text == "again" { break }
        await bus.close()
    }

    @Test("closing lets requests in hand be answered and refuses what comes after")
    func close() async throws {
        let server = try await NATSServer()
        let (asker, responder) = (try NATSBus(.test(server)), try NATSBus(.test(server)))
        let begun = AsyncStream.makeStream(of: Void.self)
        let gate = AsyncStream.makeStream(of: Void.self)
        let events = try await responder.events(Text.self, tailnet: .default)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await responder.serve(Reverse.self, tailnet: .default) { request in
                    begun.continuation.yield()
                    for await _ in gate.stream { break }
                    return Text(text: request.text)
                }
            }
            group.addTask {
                let answer = try await asker.request(Reverse(text: "kept"), tailnet: .default)
                #expect(answer.text == "kept")
            }
            for await _ in begun.stream { break }
            group.addTask { await responder.close() }
            // The stream ends when closing begins.
            for await _ in events {}
            gate.continuation.yield()
            try await group.waitForAll()
        }
        await expectUnavailable { try await responder.publish(Text(text: ""), tailnet: .default) }
        await expectUnavailable { _ = try await responder.events(Text.self, tailnet: .default) }
        await expectUnavailable { _ = try await responder.request(Reverse(text: ""), tailnet: .default) }
        await expectUnavailable {
            try await responder.serve(Reverse.self, tailnet: .default) { _ in Text(text: "") }
        }
        #expect(!responder.isConnected)
        await asker.close()
    }

    @Test("a configuration that cannot work is refused at once")
    func configuration() {
        let missing = "/nowhere/file.pem"
        let faulty: [NATSBus.Configuration] = [
            .init(servers: [], name: "a"), .init(servers: ["127.0.0.1:4222"], name: "a"),
            .init(servers: ["http://127.0.0.1"], name: "a"),
            .init(servers: ["nats://127.0.0.1"], authentication: .credentialsFile(path: missing), name: "a"),
            .init(servers: ["tls://127.0.0.1"], tls: .init(caFile: missing), name: "a"),
            .init(servers: ["tls://127.0.0.1"], tls: .init(certificateFile: missing), name: "a"),
        ]
        for configuration in faulty {
            do {
                _ = try NATSBus(configuration)
                Issue.record("taken: \(configuration)")
            } catch NATSBusError.invalidConfiguration {
            } catch {
                Issue.record("\(error)")
            }
        }
    }
}

func expectUnavailable(_ work: () async throws -> Void) async {
    do {
        try await work()
        Issue.record("it went well")
    } catch BusError.unavailable {
    } catch {
        Issue.record("\(error)")
    }
}
