import Foundation

/// Times as people say them: `2 h ago`, `in 3 d`.
struct RelativeTime: Sendable {
    let now: Date

    /// - Parameter text: RFC 3339, as the admin API writes it.
    func text(_ value: JSONValue?, unset: String) -> String {
        guard let text = value?.text, !text.isEmpty else { return unset }
        guard let date = TimeText.date(text) else { return text }
        return self.text(date)
    }

    func text(_ date: Date) -> String {
        let seconds = date.timeIntervalSince(now)
        let amount = Self.amount(abs(seconds))
        guard let amount else { return "now" }
        return seconds < 0 ? "\(amount) ago" : "in \(amount)"
    }

    /// The largest unit of which there are two or more, else the one below; `nil` under five seconds.
    private static func amount(_ seconds: TimeInterval) -> String? {
        guard seconds >= 5 else { return nil }
        let units: [(name: String, seconds: Double)] = [("y", 31_557_600), ("d", 86_400), ("h", 3600), ("min", 60)]
        for unit in units where seconds >= 2 * unit.seconds {
            return "\(Int(min(seconds / unit.seconds, 1_000_000).rounded())) \(unit.name)"
        }
        return "\(Int(seconds.rounded())) s"
    }
}
