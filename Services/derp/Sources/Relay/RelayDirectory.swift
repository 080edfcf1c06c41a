import Keys

/// Who is connected with which key; pure.
///
/// A key may have several connections (a cloned disk, a reconnect before the old socket died). The one that connected or
/// sent last receives.
struct RelayDirectory {
    private struct KeyEntry {
        var active: RelayConnection
        /// All with this key, oldest first; `active` is one of them.
        var connections: [RelayConnection]
        /// Connections that received from this key.
        var audience: Set<UInt64> = []
    }

    private let audienceLimit: Int
    private var keys: [NodePublicKey: KeyEntry] = [:]
    /// Those in the handshake included.
    private var connections: [UInt64: RelayConnection] = [:]
    /// Keys whose audience a connection is in.
    private var heardBy: [UInt64: Set<NodePublicKey>] = [:]
    private var lastID: UInt64 = 0

    init(audienceLimit: Int) {
        self.audienceLimit = audienceLimit
    }

    var connectionCount: Int { connections.count }
    var connectedKeys: [NodePublicKey] { Array(keys.keys) }
    var allConnections: [RelayConnection] { Array(connections.values) }

    mutating func makeID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ connection: RelayConnection) {
        connections[connection.id] = connection
    }

    /// The connection's client is admitted; returns whether its key had another connection.
    mutating func open(_ connection: RelayConnection, key: NodePublicKey) -> Bool {
        guard var entry = keys[key] else {
            keys[key] = KeyEntry(active: connection, connections: [connection])
            return false
        }
        entry.active = connection
        entry.connections.append(connection)
        keys[key] = entry
        return true
    }

    /// The connection sent something: it receives from now on.
    mutating func sent(_ connection: RelayConnection, key: NodePublicKey) {
        guard let entry = keys[key], entry.connections.count > 1, entry.active !== connection,
            entry.connections.contains(where: { $0 === connection })
        else { return }
        keys[key]?.active = connection
    }

    /// Where a packet goes, remembering that its receiver hears from `source`; `nil`: nobody has this key.
    mutating func route(from source: NodePublicKey, to destination: NodePublicKey) -> RelayConnection? {
        guard let target = keys[destination]?.active else { return nil }
        remember(target.id, heardFrom: source)
        return target
    }

    func connections(key: NodePublicKey) -> [RelayConnection] {
        keys[key]?.connections ?? []
    }

    /// The connection is gone; returns who must hear that its key is gone with it.
    mutating func remove(_ connection: RelayConnection, key: NodePublicKey?) -> [RelayConnection] {
        connections[connection.id] = nil
        for source in heardBy.removeValue(forKey: connection.id) ?? [] { keys[source]?.audience.remove(connection.id) }
        guard let key, var entry = keys[key] else { return [] }
        entry.connections.removeAll { $0 === connection }
        guard let newest = entry.connections.last else {
            keys[key] = nil
            for id in entry.audience { heardBy[id]?.remove(key) }
            return entry.audience.compactMap { connections[$0] }
        }
        if entry.active === connection { entry.active = newest }
        keys[key] = entry
        return []
    }

    private mutating func remember(_ id: UInt64, heardFrom source: NodePublicKey) {
        // In place: a copy of the set in a variable would be copied again by the insertion.
        guard let count = keys[source]?.audience.count, count < audienceLimit,
            keys[source]?.audience.insert(id).inserted == true
        else { return }
        heardBy[id, default: []].insert(source)
    }
}
