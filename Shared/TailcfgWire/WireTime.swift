public import Foundation

/// Times as Go writes them: RFC 3339 with up to nine decimals, and year 1 for "none".
///
/// A `Date` keeps about a tenth of a microsecond; what it cannot keep is lost.
public enum WireTime {
    /// `0001-01-01T00:00:00Z`, Go's zero time, which means "none".
    public static let zero = Date(timeIntervalSinceReferenceDate: -63_113_904_000)
    /// The last second that four digits of a year can tell.
    static let lastSecond: Int64 = 252_423_993_599
    /// Days from 0001-01-01 to the reference date of `Date`, 2001-01-01.
    static let referenceDay: Int64 = 730_485
    static let secondsPerDay: Int64 = 86_400

    /// Parses `2006-01-02T15:04:05.999999999Z` or with an offset such as `+02:00`.
    ///
    /// What an offset moves out of the years that four digits can tell becomes the nearest time that can be written.
    public static func parse(_ text: String) -> Date? {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), scanner.take("T"),
            let hour = scanner.number(digits: 2), scanner.take(":"),
            let minute = scanner.number(digits: 2), scanner.take(":"),
            let second = scanner.number(digits: 2), let nanoseconds = scanner.fraction(),
            let offset = scanner.offset(), scanner.isAtEnd,
            year >= 1, (1...12).contains(month), day >= 1, day <= monthLength(year, month),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = dayNumber(year: year, month: month, day: day) - referenceDay
        let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second - offset
        let last = date(seconds: lastSecond, fraction: 0)
        return min(max(date(seconds: seconds, fraction: Double(nanoseconds) / 1e9), zero), last)
    }

    /// The one place where whole and fraction are joined: printing checks itself against it.
    static func date(seconds: Int64, fraction: Double) -> Date {
        Date(timeIntervalSinceReferenceDate: Double(seconds) + fraction)
    }

    /// Days from 0001-01-01.
    static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let before = year - 1
        var days = before * 365 + before / 4 - before / 100 + before / 400
        var earlier: Int64 = 1
        while earlier < month {
            days += monthLength(year, earlier)
            earlier += 1
        }
        return days + day - 1
    }

    /// The opposite of ``dayNumber(year:month:day:)``.
    static func civil(dayNumber: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let eras = dayNumber / 146_097
        var rest = dayNumber % 146_097
        let centuries = min(rest / 36_524, 3)
        rest -= centuries * 36_524
        let leaps = rest / 1461
        rest %= 1461
        let years = min(rest / 365, 3)
        rest -= years * 365
        let year = eras * 400 + centuries * 100 + leaps * 4 + years + 1
        var month: Int64 = 1
        while rest >= monthLength(year, month) {
            rest -= monthLength(year, month)
            month += 1
        }
        return (year, month, rest + 1)
    }

    private static func monthLength(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads fixed runs of digits off a text.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) {
        rest = text[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        let run = rest.prefix(digits)
        guard run.count == digits else { return nil }
        var value: Int64 = 0
        for byte in run {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        rest = rest.dropFirst(digits)
        return value
    }

    /// Nanoseconds, 0 where there is no fraction, `nil` for a dot alone.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let run = rest.prefix { (48...57).contains($0) }
        guard !run.isEmpty else { return nil }
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        for byte in run.prefix(9) {
            value += Int64(byte - 48) * scale
            scale /= 10
        }
        rest = rest.dropFirst(run.count)
        return value
    }

    /// Seconds east of Greenwich.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), take(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
