import Bus
import BusInProcess
import ControlModel
import DNSService
import Logging
import TestKit
import Testing

@Suite("dns service")
struct DNSServiceTests {
    private let settings = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com", nameservers: ["1.1.1.1"])

    @Test("whoever asks gets the settings in force")
    func answers() async throws {
        let bus = InProcessBus()
        try await running(on: bus) {
            let answer = try await bus.request(FetchDNSSettings(), tailnet: .default)
            #expect(answer.settings == settings)
        }
    }

    @Test("the settings in force are published at start")
    func publishes() async throws {
        let bus = InProcessBus()
        let events = try await bus.events(DNSSettingsPublished.self, tailnet: .default)
        try await running(on: bus) {
            var iterator = events.makeAsyncIterator()
            let event = await iterator.next()
            #expect(event?.settings == settings)
            #expect(event?.revision == 7)
        }
    }

    @Test("the settings in force are published again and again")
    func repeats() async throws {
        let bus = InProcessBus()
        let events = try await bus.events(DNSSettingsPublished.self, tailnet: .default)
        try await running(on: bus) {
            var iterator = events.makeAsyncIterator()
            for _ in 0..<3 { #expect(await iterator.next()?.revision == 7) }
        }
    }

    @Test("a part that fails ends the service, though others go on", .timeLimit(.minutes(1)))
    func failingPart() async {
        let bus = BrokenBus(InProcessBus(), subjects: [FetchDNSSettings.subject])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        await #expect(throws: BusError.self) {
            try await DNSService(configuration: try .init(settings: settings, revision: 1), bus: bus, logger: logger)
                .run()
        }
    }

    @Test("faulty settings make no service")
    func refuses() {
        let faulty = DNSSettings(isMagicDNSEnabled: true, baseDomain: "", nameservers: ["nonsense"])
        #expect(throws: DNSSettingsError.self) { try DNSService.Configuration(settings: faulty, revision: 1) }
    }

    private func running(on bus: InProcessBus, _ body: () async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = DNSService(
            configuration: try .init(settings: settings, revision: 7),
            bus: bus,
            logger: logger,
            clock: ImpatientClock()
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
        }
    }
}

/// A clock on which nobody waits.
private struct ImpatientClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
