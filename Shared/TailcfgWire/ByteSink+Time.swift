import Foundation

extension ByteSink {
    /// Length of ``put(time:)`` at most.
    static let timeLength = 30

    /// RFC 3339 in UTC; years outside 1...9999 become the nearest that four digits can tell.
    ///
    /// As few decimals as read back to the same `Date`, nine at most.
    mutating func put(time: Date) {
        let interval = time.timeIntervalSinceReferenceDate
        let first = WireTime.zero.timeIntervalSinceReferenceDate
        let bounded = interval.isNaN ? first : min(max(interval, first), Double(WireTime.lastSecond))
        var seconds = Int64(bounded.rounded(.down))
        let fraction = bounded - Double(seconds)
        var nanoseconds = Int64((fraction * 1e6).rounded()) * 1000
        if WireTime.date(seconds: seconds, fraction: Double(nanoseconds) / 1e9) != time {
            nanoseconds = Int64((fraction * 1e9).rounded())
        }
        if nanoseconds >= 1_000_000_000 {
            seconds += 1
            nanoseconds = 0
        }
        // Not negative: the zero time is the lower bound.
        let sinceYearOne = seconds + WireTime.referenceDay * WireTime.secondsPerDay
        put(date: sinceYearOne / WireTime.secondsPerDay)
        put(clock: sinceYearOne % WireTime.secondsPerDay)
        put(fraction: nanoseconds)
        put("Z")
    }

    private mutating func put(date dayNumber: Int64) {
        let (year, month, day) = WireTime.civil(dayNumber: dayNumber)
        put(decimal: year, digits: 4)
        put("-")
        put(decimal: month, digits: 2)
        put("-")
        put(decimal: day, digits: 2)
        put("T")
    }

    private mutating func put(clock second: Int64) {
        put(decimal: second / 3600, digits: 2)
        put(":")
        put(decimal: second / 60 % 60, digits: 2)
        put(":")
        put(decimal: second % 60, digits: 2)
    }

    private mutating func put(fraction nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        var digits = 9
        var rest = nanoseconds
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        put(".")
        put(decimal: rest, digits: digits)
    }
}
