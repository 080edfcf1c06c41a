import Synchronization
import Testing

@testable import ControlGatewayService

@Suite("Attempt limiter")
struct AttemptLimiterTests {
    private final class Clock: Sendable {
        let time = Mutex(Duration.zero)
        var now: Duration { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private let limiter: AttemptLimiter

    init() {
        limiter = AttemptLimiter(burst: 3, interval: .seconds(10)) { [clock] in clock.now }
    }

    @Test("a burst passes, then one each interval, and after a rest the whole burst again")
    func burst() {
        for _ in 1...3 { #expect(limiter.take("a") == nil) }
        #expect(limiter.take("a") == .seconds(10))
        clock.advance(by: .seconds(4))
        #expect(limiter.take("a") == .seconds(6))
        clock.advance(by: .seconds(6))
        #expect(limiter.take("a") == nil)
        #expect(limiter.take("a") != nil)
        clock.advance(by: .seconds(30))
        for _ in 1...3 { #expect(limiter.take("a") == nil) }
        #expect(limiter.take("a") != nil)
    }

    @Test("sources do not share, and an unknown one is not limited")
    func sources() {
        for _ in 1...3 { _ = limiter.take("a") }
        #expect(limiter.take("a") != nil)
        #expect(limiter.take("b") == nil)
        for _ in 1...100 { #expect(limiter.take(nil) == nil) }
    }

    @Test("asking costs nothing")
    func asking() {
        for _ in 1...100 { #expect(limiter.delay(for: "a") == nil) }
        for _ in 1...2 { limiter.note("a") }
        #expect(limiter.delay(for: "a") == nil)
        limiter.note("a")
        #expect(limiter.delay(for: "a") == .seconds(10))
    }

    @Test("a crowd of sources does not set free those that tried most")
    func crowd() {
        for _ in 1...50 { limiter.note("worst") }
        for number in 0..<(2 * AttemptLimiter.sourceLimit) { limiter.note("\(number)") }
        #expect(limiter.delay(for: "worst") != nil)
    }
}
