import Bus
import BusInProcess
import ControlModel
import Logging
import Synchronization
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Telling other gateways of streams", .timeLimit(.minutes(1)))
struct StreamAnnouncerTests {
    private let inner = InProcessBus()
    private let record = Record()

    private final class Record: Sendable {
        let heard = Mutex<[StreamsOpened]>([])
    }

    private func following(
        _ bus: any Bus,
        _ body: (StreamAnnouncer) async throws -> Void
    ) async throws {
        let announcer = StreamAnnouncer(
            bus: bus,
            tailnet: .default,
            gateway: "one",
            clock: ContinuousClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let events = try await inner.events(StreamsOpened.self, tailnet: .default)
        try await withThrowingTaskGroup { group in
            group.addTask { await announcer.run() }
            group.addTask {
                for await event in events { record.heard.withLock { $0.append(event) } }
            }
            try await body(announcer)
            group.cancelAll()
        }
    }

    private var told: [NodeID: Int64] {
        let streams = record.heard.withLock { $0 }.flatMap(\.streams)
        return Dictionary(streams.map { ($0.node, $0.order) }) { _, last in last }
    }

    @Test("a crowd is told of in a few events, none of them too long")
    func crowd() async throws {
        let bus = BrokenBus(inner, subjects: [StreamsOpened.subject])
        try await following(bus) { announcer in
            for id in Int64(1)...10_000 { announcer.opened(try #require(NodeID(id)), number: id) }
            bus.breakSubjects([])
            try await eventually("all are told") { told.count == 10_000 }
            let events = record.heard.withLock { $0 }
            #expect(events.allSatisfy { $0.gateway == "one" && $0.streams.count <= StreamsOpened.limit })
            #expect(events.count <= 20)
        }
    }

    @Test("what could not be told is told later, as it is then")
    func away() async throws {
        let bus = BrokenBus(inner, subjects: [StreamsOpened.subject])
        let (first, second, gone) = try (
            #require(NodeID(1)), #require(NodeID(2)), #require(NodeID(3))
        )
        try await following(bus) { announcer in
            announcer.opened(first, number: 1)
            announcer.opened(gone, number: 2)
            announcer.opened(second, number: 3)
            announcer.opened(first, number: 4)
            announcer.closed(gone)
            bus.breakSubjects([])
            try await eventually("both are told") { told[first] == 4 && told[second] == 3 }
        }
    }
}
