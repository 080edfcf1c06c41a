/// Why a command did not do what it was asked, with what to do next.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Lower case, no final period.
    var message: String

    init(_ message: String) {
        self.message = message
    }

    var description: String { message }
}
