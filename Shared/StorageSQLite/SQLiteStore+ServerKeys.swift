public import Foundation
public import Storage

extension SQLiteStore {
    public func serverKey(_ name: String, orStore candidate: Data) async throws(StorageError) -> Data {
        try await write { connection in
            try connection.run("INSERT OR IGNORE INTO server_keys (name, secret) VALUES (?, ?)", [name, candidate])
            let secret = try connection.first("SELECT secret FROM server_keys WHERE name = ?", [name]) {
                try $0.next(Data.self)
            }
            return secret ?? candidate
        }
    }

    public func serverKeys() async throws(StorageError) -> [String: Data] {
        try await read { connection in
            let pairs = try connection.all("SELECT name, secret FROM server_keys") {
                (try $0.next(String.self), try $0.next(Data.self))
            }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    public func replaceServerKeys(_ replacements: [ServerKeyReplacement]) async throws(StorageError) {
        try await write { connection in
            for item in replacements {
                try connection.run(
                    "UPDATE server_keys SET secret = ? WHERE name = ? AND secret = ?",
                    [item.replacement, item.name, item.expected]
                )
                guard connection.affectedRows == 1 else { throw StorageError.conflict(.stale) }
            }
        }
    }
}
