import Foundation

/// Times as the admin API takes and gives them: RFC 3339.
enum TimeText {
    static func date(_ text: String) -> Date? {
        guard (20...40).contains(text.utf8.count) else { return nil }
        return try? Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")).parse(text)
    }

    static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: false))
    }

    /// A time, or how long ago.
    static func past(_ text: String, now: Date) -> Date? {
        if let date = date(text) { return date }
        guard let duration = DurationText.parse(text) else { return nil }
        return now.addingTimeInterval(-Double(duration.components.seconds))
    }

    /// A time, or a duration from now.
    static func moment(_ text: String, now: Date) -> Date? {
        if let date = date(text) { return date }
        guard let duration = DurationText.parse(text) else { return nil }
        return now.addingTimeInterval(Double(duration.components.seconds))
    }
}
