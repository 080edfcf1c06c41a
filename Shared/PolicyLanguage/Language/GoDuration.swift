/// Durations as Go writes and reads them, such as `1h30m`.
///
/// - Source: `time.ParseDuration` and `Duration.String`, to whole nanoseconds.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard number.utf8.count <= 20, number != ".", let value = Double(number.last == "." ? number + "0" : number)
            else { return nil }
            rest = rest[number.endIndex...]
            let name = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard let unit = units.first(where: { $0.name == name }) else { return nil }
            total += value * Double(unit.nanoseconds)
            rest = rest[name.endIndex...]
        }
        guard total < 9.2e18 else { return nil }
        return .nanoseconds(isNegative ? -Int64(total) : Int64(total))
    }

    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        guard parts.seconds != 0 || parts.attoseconds != 0 else { return "0s" }
        let isNegative = parts.seconds < 0 || parts.attoseconds < 0
        let seconds = parts.seconds.magnitude
        let fraction = fractionText(parts.attoseconds.magnitude / 1_000_000_000)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        var text = "\(seconds % 60)\(fraction)s"
        if hours > 0 || minutes > 0 { text = "\(minutes)m" + text }
        if hours > 0 { text = "\(hours)h" + text }
        return isNegative ? "-" + text : text
    }

    private static func fractionText(_ nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "" }
        var digits = String(nanoseconds)
        digits = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }
}
