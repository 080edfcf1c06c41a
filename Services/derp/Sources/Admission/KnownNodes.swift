import ControlModel
import Foundation
import Keys

/// The relay's own copy of which node keys exist and until when; pure.
struct KnownNodes {
    /// What is kept of a node.
    private struct Entry {
        var key: NodePublicKey
        var expiry: Date?
        var version: Version
    }

    /// Whether a key may connect, as far as the copy knows.
    enum Verdict: Equatable {
        case known
        case expired
        case unknown
    }

    /// What became of an event.
    enum Outcome: Equatable {
        /// Taken; these keys are no longer valid.
        case applied(revoked: [NodePublicKey])
        /// Changes are missing before it.
        case gap
    }

    private var nodes: [NodeID: Entry] = [:]
    private var keys: [NodePublicKey: NodeID] = [:]
    /// The tailnet's version that the copy shows; `nil` before the first snapshot.
    private(set) var version: Version?

    /// Before the first snapshot, "unknown" says nothing.
    var isComplete: Bool { version != nil }

    func verdict(_ key: NodePublicKey, at now: Date) -> Verdict {
        guard let id = keys[key], let entry = nodes[id] else { return .unknown }
        guard let expiry = entry.expiry, expiry <= now else { return .known }
        return .expired
    }

    /// Of the connected keys, those that may no longer be.
    func revoked(among connected: [NodePublicKey], at now: Date) -> [NodePublicKey] {
        connected.filter { key in
            switch verdict(key, at: now) {
            case .known: false
            case .expired: true
            case .unknown: isComplete
            }
        }
    }

    /// Applies contiguous changes, oldest first; those already applied are passed over.
    mutating func apply(_ changes: [RegistryChange], at now: Date) -> Outcome {
        guard let version else { return .gap }
        let new = changes.drop { $0.version <= version }
        guard let first = new.first else { return .applied(revoked: []) }
        guard first.version == version + 1 else { return .gap }
        var touched: [NodePublicKey] = []
        for change in new {
            switch change.subject {
            case .node(let node):
                if let old = nodes[node.id]?.key { touched.append(old) }
                insert(node)
            case .nodeRemoved(let id):
                if let old = remove(id) { touched.append(old) }
            case .user, .userRemoved, .authKey, .apiKey:
                break
            }
            self.version = change.version
        }
        return .applied(revoked: revoked(among: touched, at: now))
    }

    /// Replaces the copy; nodes learnt since the snapshot began stay.
    mutating func replace(with snapshot: [Node], version: Version) {
        let newer = nodes.filter { $0.value.version > version }
        nodes = [:]
        keys = [:]
        for node in snapshot { insert(node) }
        for (id, entry) in newer where nodes[id].map({ $0.version < entry.version }) ?? true { set(entry, id: id) }
        self.version = version
    }

    /// Takes the registry's answer about one node.
    ///
    /// Not where the copy has seen its version already: then it is the copy that knows better.
    mutating func learn(_ node: Node) {
        guard node.version > version ?? .min else { return }
        insert(node)
    }

    private mutating func insert(_ node: Node) {
        if let held = nodes[node.id], held.version > node.version { return }
        // Of a device that nobody approved the relay takes nothing, as of one whose key has ended.
        let expiry = node.isApproved ? node.expiry : .distantPast
        set(Entry(key: node.nodeKey, expiry: expiry, version: node.version), id: node.id)
    }

    private mutating func set(_ entry: Entry, id: NodeID) {
        _ = remove(id)
        // Keys are unique in the registry; a change of hands arrives as two changes, in order.
        nodes[id] = entry
        keys[entry.key] = id
    }

    private mutating func remove(_ id: NodeID) -> NodePublicKey? {
        guard let entry = nodes.removeValue(forKey: id) else { return nil }
        if keys[entry.key] == id { keys[entry.key] = nil }
        return entry.key
    }
}
