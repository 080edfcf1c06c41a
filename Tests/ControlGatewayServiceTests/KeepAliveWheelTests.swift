import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Keep-alive wheel")
struct KeepAliveWheelTests {
    @Test("a stream is due after the seconds it was scheduled for, once", arguments: [1, 2, 50, 59, 63])
    func dueOnce(seconds: Int) {
        var wheel = KeepAliveWheel<Int>()
        wheel.schedule(7, after: .seconds(Int64(seconds)))
        var dueAt: [Int] = []
        for second in 1...200 where wheel.advance().contains(7) { dueAt.append(second) }
        #expect(dueAt == [seconds])
    }

    @Test("a delay beyond the wheel or below a second is kept within it", arguments: [(0, 1), (500, 63)])
    func clamped(seconds: Int, expected: Int) {
        var wheel = KeepAliveWheel<Int>()
        wheel.schedule(7, after: .seconds(Int64(seconds)))
        let due = (1...64).first { _ in wheel.advance().contains(7) }
        #expect(due == expected)
    }

    @Test("the interval and its jitter fit in the wheel and in the clients' patience")
    func fits() {
        let longest = KeepAliveWheel<Int>.interval + .seconds(Int64(KeepAliveWheel<Int>.jitterSeconds))
        #expect(longest < .seconds(64))
        // An idle stream may be looked at an interval after it was last found busy.
        #expect(longest + KeepAliveWheel<Int>.interval < .seconds(120))
    }
}
