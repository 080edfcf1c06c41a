public import Foundation
public import Storage

extension PostgresStore {
    public func serverKey(_ name: String, orStore candidate: Data) async throws(StorageError) -> Data {
        try await read([ServerKeyTable.insert(name, candidate), ServerKeyTable.select(name)]) { answers in
            try ServerKeyTable.secrets(answers[1])[name] ?? candidate
        }
    }

    public func serverKeys() async throws(StorageError) -> [String: Data] {
        try await read([ServerKeyTable.selectAll]) { try ServerKeyTable.secrets($0[0]) }
    }

    /// What is replaced already counts as done, so that this may be done again when its connection breaks.
    public func replaceServerKeys(_ replacements: [ServerKeyReplacement]) async throws(StorageError) {
        try await pool.perform { lane, deadline in
            try lane.repeating(until: deadline) { session in
                let lock = ServerKeyTable.lock(replacements.map(\.name))
                let stored = try ServerKeyTable.secrets(try session.run([.begin, lock], until: deadline)[1])
                for item in replacements {
                    guard [item.expected, item.replacement].contains(stored[item.name]) else {
                        throw StorageError.conflict(.stale)
                    }
                }
                let updates = replacements.map { ServerKeyTable.update($0.name, $0.replacement) }
                _ = try session.run(updates + [.commit], until: deadline)
            }
        }
    }
}
