/// Durations as headscale writes them: `180d`, `30m`, `1h30m`, `1.5s`, `0`.
enum DurationText {
    /// Longest duration read: a century.
    static let limit = Duration.seconds(100 * 366 * 86_400)

    private static let unitNanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86_400e9, "w": 604_800e9,
        "y": 31_536_000e9,
    ]

    /// Reads one or more numbers with units, largest to smallest by custom only; `0` needs no unit.
    static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        guard (1...64).contains(text.utf8.count) else { return nil }
        var rest = Substring(text)
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let count = Double(number), let factor = unitNanoseconds[String(unit)] else { return nil }
            total += count * factor
        }
        guard total <= 1e9 * Double(limit.components.seconds) else { return nil }
        let seconds = Int64(total / 1e9)
        return .seconds(seconds) + .nanoseconds(Int64(total - Double(seconds) * 1e9))
    }
}
