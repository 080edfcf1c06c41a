import ControlModel
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Probes of routers")
struct ProbeRoundsTests {
    private func router(
        _ number: Int64,
        stream: UInt64 = 1,
        isShared: Bool = true,
        isUnhealthy: Bool = false
    ) -> HeldRouter {
        HeldRouter(node: .fixture(number), stream: stream, isShared: isShared, isUnhealthy: isUnhealthy)
    }

    @Test("streams are asked from their second round on, and only where routes are shared or health is in doubt")
    func due() {
        var rounds = ProbeRounds()
        let routers = [router(1), router(2, isShared: false), router(3, isShared: false, isUnhealthy: true)]
        #expect(rounds.begin(routers) == [])
        #expect(rounds.begin(routers) == [.fixture(1), .fixture(3)])
        #expect(rounds.begin([router(1, stream: 2)]) == [])
        #expect(rounds.begin([]) == [])
        #expect(rounds.begin([router(1, stream: 2)]) == [])
    }

    @Test("silence and answers are told where they are news")
    func verdicts() {
        var rounds = ProbeRounds()
        let routers = [router(1), router(2), router(3, isUnhealthy: true), router(4, isUnhealthy: true), router(5)]
        _ = rounds.begin(routers)
        _ = rounds.begin(routers)
        let outcomes: [NodeID: PingDesk.Outcome] = [
            .fixture(1): .silent, .fixture(2): .answered, .fixture(3): .silent, .fixture(4): .answered,
            .fixture(5): .unasked,
        ]
        #expect(rounds.end(outcomes, routers) == .init(healthy: [.fixture(4)], unhealthy: [.fixture(1)]))
    }

    @Test("a router that came back meanwhile is not told to be silent, and begins healthy")
    func reconnected() {
        var rounds = ProbeRounds()
        let routers = [router(1), router(2, isUnhealthy: true)]
        _ = rounds.begin(routers)
        _ = rounds.begin(routers)
        let silent: [NodeID: PingDesk.Outcome] = [.fixture(1): .silent, .fixture(2): .silent]
        let after = [router(1, stream: 7), router(2, stream: 8, isUnhealthy: true)]
        #expect(rounds.end(silent, after) == .init(healthy: [.fixture(2)]))
    }

    @Test("a router whose routes nobody shares any more is not told to be silent, nor one that left")
    func noLongerShared() {
        var rounds = ProbeRounds()
        let routers = [router(1), router(2)]
        _ = rounds.begin(routers)
        _ = rounds.begin(routers)
        let silent: [NodeID: PingDesk.Outcome] = [.fixture(1): .silent, .fixture(2): .silent]
        #expect(rounds.end(silent, [router(1, isShared: false)]).isEmpty)
    }
}
