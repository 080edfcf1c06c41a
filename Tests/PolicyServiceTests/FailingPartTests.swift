import Bus
import BusInProcess
import ControlModel
import PolicyService
import TestKit
import Testing

@Suite("Parts of the policy service")
struct FailingPartTests {
    @Test(
        "a part that fails ends the service, though others go on",
        .timeLimit(.minutes(1)),
        arguments: [RegistryChanges.subject, FetchPolicy.subject]
    )
    func failingPart(subject: String) async throws {
        let harness = try PolicyHarness()
        let service = PolicyService(
            configuration: .init(),
            dependencies: .init(
                store: harness.store,
                bus: BrokenBus(InProcessBus(), subjects: [subject]),
                logger: harness.logger,
                now: { .fixture }
            )
        )
        await #expect(throws: BusError.self) { try await service.run() }
    }
}
