import GRDB
import Storage

extension StorageError {
    /// What an error of the database means to a caller.
    ///
    /// Constraints are told apart by the text SQLite gives: the columns of the index, or the index where it is on an expression.
    init(of error: any Error) {
        switch error {
        case let error as StorageError: self = error
        case is CancellationError: self = .cancelled
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_CONSTRAINT: self = Conflict(of: error).map { .conflict($0) } ?? .unavailable(cause: error)
            case .SQLITE_INTERRUPT: self = .cancelled
            default: self = .unavailable(cause: error)
            }
        default: self = .unavailable(cause: error)
        }
    }

    var isConflict: Bool {
        if case .conflict = self { true } else { false }
    }
}

extension StorageError.Conflict {
    fileprivate init?(of error: DatabaseError) {
        if error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            self = .missingReference
            return
        }
        let message = error.message ?? ""
        guard let found = Self.byText.first(where: { message.contains($0.text) }) else { return nil }
        self = found.conflict
    }

    private static let byText: [(text: String, conflict: Self)] = [
        ("nodes.node_key", .nodeKey),
        ("'nodes_machine_key'", .machineKey),
        ("nodes.ipv4", .address),
        ("nodes.ipv6", .address),
        ("nodes.given_name", .givenName),
        ("users.name", .userName),
        ("users.identity_key", .userIdentity),
        ("nodes.stable_id", .identifier),
        ("auth_keys.prefix", .identifier),
        ("api_keys.prefix", .identifier),
        (".id", .identifier),
    ]
}

/// Runs a read of rows; a row that does not decode is told with the name of its kind.
func reading<Value>(_ entity: String, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error where error is UnreadableColumn || error is DecodingError {
        throw StorageError.corrupt(entity: entity, cause: error)
    }
}
