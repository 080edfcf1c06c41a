import Foundation

/// The terminal, or what stands in its place.
struct Console: Sendable {
    var out: @Sendable (String) -> Void
    var error: @Sendable (String) -> Void
    /// Asks a question and returns the line typed; `nil` where nobody can be asked.
    var ask: @Sendable (String) -> String?
    var now: @Sendable () -> Date

    static let standard = Console(
        out: { write($0, to: .standardOutput) },
        error: { write($0, to: .standardError) },
        ask: { question in
            guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
            try? FileHandle.standardError.write(contentsOf: Data(question.utf8))
            return readLine() ?? ""
        },
        now: { Date() }
    )

    /// Confirms something that cannot be undone.
    ///
    /// - Throws: when the answer is not yes, or nobody can be asked.
    func confirm(_ question: String, isForced: Bool) throws(CommandFailure) {
        if isForced { return }
        guard let answer = ask("\(question) [y/N] ") else {
            throw CommandFailure("there is nobody to ask: add --force to do it without a question")
        }
        guard ["y", "yes"].contains(answer.lowercased()) else { throw CommandFailure("nothing was changed") }
    }

    private static func write(_ text: String, to handle: FileHandle) {
        guard !text.isEmpty else { return }
        // A reader that went away, as `head` does, is no fault of ours.
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}
