import Foundation

/// Times as protojson writes them: RFC 3339, UTC.
enum AdminTime {
    static func text(_ date: Date) -> String {
        let isWhole = date.timeIntervalSince1970 == date.timeIntervalSince1970.rounded()
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: !isWhole))
    }

    /// Reads RFC 3339 with or without fractions of a second, in any time zone.
    static func date(_ text: String) -> Date? {
        guard (20...40).contains(text.utf8.count) else { return nil }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? style.parse(text)
    }

    /// Reads an optional time that a caller sent at `location`; empty means none.
    static func date(_ text: String?, at location: String) throws(AdminProblem) -> Date? {
        guard let text, !text.isEmpty else { return nil }
        guard let date = date(text) else {
            throw .badField(location, "expected a time like 2030-01-31T12:00:00Z")
        }
        return date
    }
}
