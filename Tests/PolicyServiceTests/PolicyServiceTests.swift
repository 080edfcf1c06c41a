import Bus
import BusInProcess
import ControlModel
import Logging
import PolicyService
import TestKit
import Testing

@Suite("policy service")
struct PolicyServiceTests {
    private let strict = PolicyPublished(revision: 7, text: #"{"grants": []}"#)

    @Test("whoever asks gets the policy in force")
    func answers() async throws {
        let bus = InProcessBus()
        try await running(PolicyService(configuration: .init(policy: strict), bus: bus, logger: quiet)) {
            let first = try await bus.request(FetchPolicy(), tailnet: .default)
            let second = try await bus.request(FetchPolicy(), tailnet: .default)
            #expect([first, second] == [strict, strict])
        }
    }

    @Test("everybody may reach everything while nothing else is configured")
    func allowsAll() async throws {
        let bus = InProcessBus()
        try await running(PolicyService(configuration: .init(), bus: bus, logger: quiet)) {
            let policy = try await bus.request(FetchPolicy(), tailnet: .default)
            #expect(policy == PolicyPublished(revision: 0, text: nil))
        }
    }

    @Test("a part that fails ends the service, though others go on", .timeLimit(.minutes(1)))
    func failingPart() async {
        let bus = BrokenBus(InProcessBus(), subjects: [PolicyPublished.subject])
        await #expect(throws: BusError.self) {
            try await PolicyService(configuration: .init(), bus: bus, logger: quiet).run()
        }
    }

    @Test("the policy in force is published at start")
    func publishes() async throws {
        let bus = InProcessBus()
        let events = try await bus.events(PolicyPublished.self, tailnet: .default)
        try await running(PolicyService(configuration: .init(policy: strict), bus: bus, logger: quiet)) {
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == strict)
        }
    }

    @Test("another tailnet gets no answer")
    func otherTailnet() async throws {
        let bus = InProcessBus()
        let other = try #require(TailnetID("other"))
        try await running(PolicyService(configuration: .init(), bus: bus, logger: quiet)) {
            await #expect(throws: BusError.self) {
                try await bus.request(FetchPolicy(), tailnet: other, timeout: .milliseconds(20))
            }
        }
    }

    private var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    private func running(_ service: PolicyService, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
        }
    }
}
