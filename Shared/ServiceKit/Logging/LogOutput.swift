import Foundation

/// Where log lines go, and what time it is there.
struct LogOutput: Sendable {
    let write: @Sendable (String) -> Void
    let now: @Sendable () -> Date

    /// One write a line, so that lines of several threads do not mix.
    static let standardError = LogOutput(
        write: { line in try? FileHandle.standardError.write(contentsOf: Data(line.utf8)) },
        now: { Date() }
    )
}
