import Bus
import BusInProcess
import BusNATS
import ControlModel
import Logging
import TestKit

/// Requests and events between two participants, each as fast as the bus lets them.
enum BusBenchmarks {
    static func run() async throws -> [Measurement] {
        let local = InProcessBus()
        var all = try await run("in-process bus", local, local)
        guard NATSServer.isInstalled else {
            print("NATS: skipped, there is no nats-server on this machine (Debian: nats-server)")
            return all
        }
        let server = try await NATSServer()
        let (asker, responder) = (try nats(server), try nats(server))
        try await eventually("both are connected") { asker.isConnected && responder.isConnected }
        all += try await run("NATS bus", asker, responder)
        await asker.close()
        await responder.close()
        await server.stop()
        return all
    }

    static func nats(_ server: NATSServer) throws -> NATSBus {
        let logger = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        return try NATSBus(.init(servers: [server.url], name: "benchmark"), logger: logger)
    }

    private static func run(_ name: String, _ asker: any Bus, _ responder: any Bus) async throws -> [Measurement] {
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await responder.serve(Ping.self, tailnet: .default) { Ping(text: $0.text) }
            }
            var all: [Measurement] = []
            for (askers, count) in [(1, 5_000), (128, 50_000)] {
                all.append(
                    try await Measurement.runTimed("\(name): round trip, \(askers) at a time", count: count) {
                        try await roundTrips(asker, askers: askers, count: count)
                    }
                )
            }
            let count = 50_000
            let events = try await responder.events(Note.self, tailnet: .default)
            all.append(
                try await Measurement.runTimed("\(name): publish and receive", count: count) {
                    try await notes(asker, events, count: count)
                }
            )
            group.cancelAll()
            return all
        }
    }

    private static func roundTrips(_ bus: any Bus, askers: Int, count: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<askers {
                group.addTask {
                    for _ in 0..<(count / askers) { _ = try await bus.request(Ping(text: text), tailnet: .default) }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func notes(_ bus: any Bus, _ events: AsyncStream<Note>, count: Int) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                var received = 0
                for await _ in events {
                    received += 1
                    if received == count { return }
                }
            }
            for number in 0..<count { try await bus.publish(Note(number: number, text: text), tailnet: .default) }
            try await group.waitForAll()
        }
    }

    /// As long as most messages are.
    private static let text = String(repeating: "x", count: 200)
}

private struct Ping: BusRequest {
    static let subject = "benchmark.ping"
    var text: String
    typealias Response = Ping
}

private struct Note: BusEvent {
    static let subject = "benchmark.note"
    var number: Int
    var text: String
}
