import Storage

extension StorageError {
    /// What a fault means to a caller.
    init(of error: any Error) {
        switch error {
        case let error as StorageError: self = error
        case is CancellationError: self = .cancelled
        case let fault as PostgresFault: self = Conflict(of: fault).map { .conflict($0) } ?? .unavailable(cause: fault)
        default: self = .unavailable(cause: error)
        }
    }
}

extension StorageError.Conflict {
    /// For constraints that a write met although everything was looked up under the tailnet's lock: somebody wrote without it.
    fileprivate init?(of fault: PostgresFault) {
        guard case .server(let message) = fault else { return nil }
        switch message.state {
        case "23503":
            self = .missingReference
        case "23505":
            guard let conflict = Self.byConstraint[message.constraint] else { return nil }
            self = conflict
        default:
            return nil
        }
    }

    private static let byConstraint: [String: Self] = [
        "users_pkey": .identifier, "nodes_pkey": .identifier, "auth_keys_pkey": .identifier,
        "api_keys_pkey": .identifier, "nodes_stable_id": .identifier, "auth_keys_prefix": .identifier,
        "api_keys_prefix": .identifier, "users_name": .userName, "users_identity_key": .userIdentity,
        "nodes_node_key": .nodeKey,
        "nodes_machine_key": .machineKey, "nodes_ipv4": .address, "nodes_ipv6": .address,
        "nodes_given_name": .givenName,
        "policies_pkey": .stale,
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
