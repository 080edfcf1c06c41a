import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Ticks")
struct TickPolicyTests {
    private func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
    }

    @Test("a lone change goes out at once")
    func loneChange() {
        var policy = TickPolicy()
        #expect(policy.deadline(now: at(0)) == at(0))
        policy.flushed(started: at(0), ended: at(1))
        #expect(policy.deadline(now: at(1000)) == at(1000))
    }

    @Test("a change right after a costly batch waits in proportion to it")
    func waitsUnderLoad() {
        var policy = TickPolicy()
        policy.flushed(started: at(0), ended: at(10))
        #expect(policy.deadline(now: at(11)) == at(50))
    }

    @Test("no change waits longer than the stated bound", arguments: [100, 5_000, 60_000])
    func bounded(cost: Int64) {
        var policy = TickPolicy()
        policy.flushed(started: at(0), ended: at(cost))
        #expect(policy.deadline(now: at(cost)) == at(cost) + TickPolicy.longestWait)
    }

    @Test("a clock that went backwards does no harm")
    func backwards() {
        var policy = TickPolicy()
        policy.flushed(started: at(10), ended: at(0))
        #expect(policy.deadline(now: at(0)) == at(0))
    }
}
