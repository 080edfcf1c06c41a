/// What went wrong between this program and the server.
enum PostgresFault: Error, CustomStringConvertible {
    /// The server refused a statement, or said why it ends the connection.
    case server(ServerMessage)
    /// There is no connection, or it broke.
    case connection(String)
    /// The server said nothing for too long.
    case timedOut(doing: String)
    /// A call waited too long for a connection.
    case waitedTooLong
    /// Too many calls wait.
    case tooManyWaiting(limit: Int)
    /// A commit's connection broke, and whether it was written could not be found out.
    case outcomeUnknown(String)
    /// ``PostgresStore/close()`` was called.
    case closed

    struct ServerMessage: Sendable {
        /// SQLSTATE, five characters.
        var state: String
        var text: String
        /// Of the constraint that stood in the way.
        var constraint: String
        /// Whether the server ended the connection with it.
        var isFatal: Bool
    }

    var description: String {
        switch self {
        case .server(let message): "\(message.text) (\(message.state))"
        case .connection(let text): text
        case .timedOut(let action): "the database did not answer in time: \(action)"
        case .waitedTooLong: "no connection to the database became free in time"
        case .tooManyWaiting(let limit): "more than \(limit) calls wait for the database"
        case .outcomeUnknown(let text): "the connection broke during a commit, which may or may not be written: \(text)"
        case .closed: "the store is closed"
        }
    }

    var state: String {
        if case .server(let message) = self { message.state } else { "" }
    }

    /// Doing the same again may go well at once: another transaction was in the way, or the session forgot something.
    var passes: Bool {
        switch state {
        // Serialization failure, deadlock; a prepared statement that is gone, or was made before the schema changed.
        case "40001", "40P01", "26000", "0A000": true
        default: false
        }
    }

    /// Whether the session is of no more use.
    var endsSession: Bool {
        switch self {
        case .server(let message): message.isFatal || ["26000", "0A000"].contains(message.state)
        case .connection, .timedOut: true
        case .waitedTooLong, .tooManyWaiting, .outcomeUnknown, .closed: false
        }
    }

    /// Whether the database refused what was written, not how or when.
    var isAboutValues: Bool { state.hasPrefix("23") || state.hasPrefix("22") }
}
