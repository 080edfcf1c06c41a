import Foundation
import Storage

/// Secrets of the deployment, by name.
enum ServerKeyTable {
    static func insert(_ name: String, _ secret: Data) -> Statement {
        Statement(
            "INSERT INTO server_keys (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [.text(name), .bytes(secret)]
        )
    }

    static func select(_ name: String) -> Statement {
        Statement("SELECT name, secret FROM server_keys WHERE name = $1", [.text(name)])
    }

    static let selectAll = Statement("SELECT name, secret FROM server_keys")

    /// Locks the rows, always in the same order.
    static func lock(_ names: [String]) -> Statement {
        Statement(
            "SELECT name, secret FROM server_keys WHERE name = ANY ($1::text[]) ORDER BY name FOR UPDATE",
            [.texts(names)]
        )
    }

    static func update(_ name: String, _ secret: Data) -> Statement {
        Statement("UPDATE server_keys SET secret = $2 WHERE name = $1", [.text(name), .bytes(secret)])
    }

    static func secrets(_ rows: RowSet) throws -> [String: Data] {
        Dictionary(try rows.all("server key") { (try $0.text(), try $0.bytes()) }) { first, _ in first }
    }
}
