import NIOCore

/// How often something may be said: one each interval, and a few at once after a pause.
struct NoticeRate {
    private let interval: TimeAmount
    private let burst: Int
    private var left: Int
    private var refilled: NIODeadline

    init(interval: TimeAmount, burst: Int, now: NIODeadline) {
        self.interval = interval
        self.burst = burst
        left = burst
        refilled = now
    }

    /// Whether it may be said now; counts it if so.
    mutating func allows(at now: NIODeadline) -> Bool {
        let elapsed = (now - refilled).nanoseconds / max(1, interval.nanoseconds)
        if elapsed >= Int64(burst - left) {
            (left, refilled) = (burst, now)
        } else if elapsed > 0 {
            left += Int(elapsed)
            refilled = refilled + .nanoseconds(elapsed * interval.nanoseconds)
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
