import Bus
import BusInProcess
import ControlModel
import Foundation
import Logging
import ServiceLifecycle
import TestKit
import Testing

@testable import DERPService

@Suite("DERP service", .timeLimit(.minutes(1)))
struct DERPServiceTests {
    @Test("a relay announces itself at start, regularly, when asked, and when it leaves")
    func announcements() async throws {
        try await run { harness in
            let start = try #require(await harness.nextAnnouncement())
            let node = try #require(start.region.nodes.first)
            #expect(start.region.id == 999)
            #expect(node.name == "999a")
            #expect(node.hostName == "relay.example.com")
            #expect(node.certName == "sha256-raw:00")
            #expect(node.derpPort == 8443)
            #expect(node.stunPort == -1)
            #expect(!start.isLeaving)

            try await eventually { harness.clock.sleeperCount >= 1 }
            harness.clock.advance(by: DERPAnnounced.interval)
            #expect(await harness.nextAnnouncement() == start)

            try await harness.bus.publish(DERPWanted(), tailnet: .default)
            #expect(await harness.nextAnnouncement() == start)

            await harness.stop()
            var last = await harness.nextAnnouncement()
            while let event = last, !event.isLeaving { last = await harness.nextAnnouncement() }
            #expect(last == DERPAnnounced(region: start.region, isLeaving: true))
        }
    }

    @Test("with STUN the bound port is announced")
    func stunPort() async throws {
        try await run(stun: DERPService.STUNAddress(host: "127.0.0.1", port: 0)) { harness in
            let port = try #require(await harness.nextAnnouncement()?.region.nodes.first?.stunPort)
            #expect(port > 0)
        }
    }

    @Test("a relay that is stopped before it has a port leaves quietly")
    func stoppedEarly() async throws {
        try await run(derpPort: {
            try await Task.sleep(for: .seconds(3600)); return 1
        }) { harness in
            await harness.stop()
        }
    }

    @Test("a listener that does not bind takes the relay down")
    func noPort() async throws {
        struct NotBound: Error {}
        // With STUN there is another child, which must go down too.
        await #expect(throws: NotBound.self) {
            try await run(
                stun: DERPService.STUNAddress(host: "127.0.0.1", port: 0),
                derpPort: { throw NotBound() }
            ) { _ in
                try await eventually { Task.isCancelled }
            }
        }
    }

    private struct Harness: Sendable {
        let bus: InProcessBus
        let clock: StepClock
        let announcements: AsyncStream<DERPAnnounced>
        let stop: @Sendable () async -> Void

        func nextAnnouncement() async -> DERPAnnounced? {
            var iterator = announcements.makeAsyncIterator()
            return await iterator.next()
        }
    }

    private func run(
        stun: DERPService.STUNAddress? = nil,
        derpPort: @escaping @Sendable () async throws -> Int = { 8443 },
        body: @escaping @Sendable (Harness) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let (bus, clock) = (InProcessBus(), StepClock())
        var configuration = DERPService.Configuration(
            hostName: "relay.example.com",
            keyFile: directory.path("derp.key")
        )
        configuration.certName = "sha256-raw:00"
        configuration.stun = stun
        configuration.limits.leavingTime = .zero
        configuration.verifyClients = false
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let service = try DERPService(
            configuration,
            dependencies: DERPService.Dependencies(
                bus: bus,
                logger: logger,
                derpPort: derpPort,
                clock: clock,
                now: { .fixture }
            )
        )
        let announcements = try await bus.events(DERPAnnounced.self, tailnet: .default)
        let group = ServiceGroup(services: [service], logger: logger)
        let harness = Harness(
            bus: bus,
            clock: clock,
            announcements: announcements,
            stop: { await group.triggerGracefulShutdown() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                try await body(harness)
                await group.triggerGracefulShutdown()
            }
            for try await _ in tasks {}
        }
    }
}
