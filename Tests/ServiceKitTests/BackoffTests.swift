import ServiceKit
import Testing

@Suite("Back-off")
struct BackoffTests {
    private struct Fixed: RandomNumberGenerator {
        let value: UInt64
        mutating func next() -> UInt64 { value }
    }

    @Test(
        "delays double up to the cap",
        arguments: [
            (0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (5, 10), (1_000_000, 10), (Int.max, 10), (-5, 1),
        ]
    )
    func doubling(attempt: Int, seconds: Int) {
        let backoff = Backoff(first: .seconds(1), cap: .seconds(10), jitter: 0)
        #expect(backoff.delay(attempt: attempt) == .seconds(seconds))
    }

    @Test("jitter takes away at most its share")
    func jitter() {
        let backoff = Backoff(first: .seconds(8), cap: .seconds(8), jitter: 0.5)
        var least = Fixed(value: 0)
        var most = Fixed(value: .max)
        #expect(backoff.delay(attempt: 0, using: &least) == .seconds(8))
        #expect(backoff.delay(attempt: 0, using: &most) >= .seconds(4))
        #expect(backoff.delay(attempt: 0, using: &most) < .seconds(5))
    }

    @Test("a first delay above the cap is the cap")
    func cap() {
        #expect(Backoff(first: .seconds(9), cap: .seconds(2), jitter: 0).delay(attempt: 3) == .seconds(2))
    }
}
