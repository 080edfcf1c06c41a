import ControlModel
import IPAddresses
import Storage

/// Decides what a group of batches writes, without I/O: each batch all or nothing, on what the ones before it left.
///
/// Holds under the lock of the tailnet's row, so that nobody else changes what the image shows.
struct CommitPlan {
    typealias Outcome = Result<[RegistryChange], StorageError>

    /// What batches write, in order.
    struct Written {
        var changes: [RegistryChange] = []
        var rows: [RowWrite] = []
        var moves: [AddressMove] = []
        var audit: [AuditRecord] = []
    }

    private(set) var outcomes: [Outcome] = []
    private(set) var state: TailnetState
    private(set) var written = Written()
    let tailnet: TailnetID
    var image: TailnetImage
    /// Of the batch in hand.
    private var draft = Written()
    /// Of its changes from here on; `nil`: they are not in the audit log.
    private var cause: AuditCause?

    init(tailnet: TailnetID, state: TailnetState, image: TailnetImage) {
        self.tailnet = tailnet
        self.state = state
        self.image = image
    }

    mutating func add(_ batch: [RegistryWrite]) {
        let before = state
        draft = Written()
        cause = nil
        do {
            for write in batch { try apply(write) }
            image.settle()
            written.changes += draft.changes
            written.rows += draft.rows
            written.moves += draft.moves
            written.audit += draft.audit
            outcomes.append(.success(draft.changes))
        } catch {
            image.drop()
            state = before
            outcomes.append(.failure(StorageError(of: error)))
        }
    }

    /// What carries the plan out, in the transaction that read the image.
    func statements(writer: Int64) throws -> [Statement] {
        try written.rows.map { try $0.statement(tailnet) }
            + ReleasedAddressTable(tailnet: tailnet).apply(written.moves)
            + (written.audit.isEmpty ? [] : [try AuditTable(tailnet: tailnet).insert(written.audit)])
            + [
                ChangeTable(tailnet: tailnet).insert(written.changes, writer: writer),
                TailnetTable.update(state, tailnet: tailnet),
            ]
    }

    private mutating func apply(_ write: RegistryWrite) throws {
        switch write {
        case .audit(let cause): self.cause = cause
        case .createUser(let user): try create(user)
        case .replaceUser(let user): try replace(user)
        case .deleteUser(let id): try delete(id)
        case .createNode(let node): try create(node)
        case .replaceNode(let node): try replace(node)
        case .updateNodeStatus(let id, let status): try update(id, status)
        case .deleteNode(let id): try delete(id)
        case .noteNodeEvent(let id, let fields): try note(fields, at: id)
        case .createAuthKey(let key): try create(key)
        case .replaceAuthKey(let key): try replace(key)
        case .consumeAuthKey(let id): try consume(id)
        case .deleteAuthKey(let id): try delete(id)
        case .createAPIKey(let key): try create(key)
        case .replaceAPIKey(let key): try replace(key)
        case .deleteAPIKey(let id): try delete(id)
        }
    }
}

extension CommitPlan {
    /// The version of the next change, which is made by `record`.
    var nextVersion: Version { state.version + 1 }

    /// - Parameters:
    ///   - old: the row as it was; `nil` when it is new.
    ///   - new: the row as it is; `nil` when it is gone.
    ///   - taken: addresses that the change takes into use.
    ///   - released: addresses that it gives up.
    mutating func record(
        _ subject: RegistryChange.Subject,
        _ row: RowWrite,
        from old: @autoclosure () -> AuditImage?,
        to new: @autoclosure () -> AuditImage?,
        taken: Set<IPAddress> = [],
        released: Set<IPAddress> = []
    ) {
        state.version += 1
        draft.changes.append(RegistryChange(version: state.version, subject: subject))
        draft.rows.append(row)
        if let cause, let record = AuditRecord(from: old(), to: new(), version: state.version, cause: cause) {
            draft.audit.append(record)
        }
        for address in released {
            draft.moves.append(AddressMove(address: address, isReleased: true, version: state.version))
        }
        for address in taken {
            draft.moves.append(AddressMove(address: address, isReleased: false, version: state.version))
        }
    }

    /// Records an event at a node, whose new row is in the image already.
    mutating func record(event fields: [String: String], at node: Node) {
        record(.node(node), .updateNode(node), from: nil, to: nil)
        guard let cause else { return }
        draft.audit.append(AuditRecord(event: fields, at: node, version: state.version, cause: cause))
    }

    /// The lowest id never used once `id` is; callers that commit at once may come with theirs in any order.
    mutating func claim<Entity>(_ id: Identifier<Entity>, _ path: WritableKeyPath<TailnetState, Int64>) {
        state[keyPath: path] = max(state[keyPath: path], id.rawValue + 1)
    }

    func current<Row>(
        _ row: TailnetImage.Stored<Row>?,
        version: Version,
        of path: KeyPath<Row, Version>
    ) throws -> Row {
        guard let row = try row?.get(), row[keyPath: path] == version else { throw StorageError.conflict(.stale) }
        return row
    }

    func require(_ condition: Bool, else conflict: StorageError.Conflict) throws {
        guard condition else { throw StorageError.conflict(conflict) }
    }
}
