import ControlModel
import IPAddresses

/// Addresses of deleted nodes, longest free first.
struct ReleasedAddressTable {
    /// Beyond this many the longest free ones count as never used.
    static let limit = 16_384

    let connection: SQLConnection
    let tailnet: TailnetID

    func all() throws -> [IPAddress] {
        try reading("released address") {
            try connection.all(
                "SELECT address FROM released_addresses WHERE tailnet = ? ORDER BY sequence",
                [tailnet.rawValue]
            ) { row in
                guard let address = IPAddress(try row.next(String.self)) else { throw row.unreadable(IPAddress.self) }
                return address
            }
        }
    }

    func insert(_ addresses: Set<IPAddress>) throws {
        for address in addresses.sorted() {
            try connection.run(
                "INSERT OR REPLACE INTO released_addresses (tailnet, address) VALUES (?, ?)",
                [tailnet.rawValue, address.description]
            )
        }
        guard !addresses.isEmpty else { return }
        try connection.run(
            """
            DELETE FROM released_addresses WHERE tailnet = ?1 AND sequence <= (
                SELECT sequence FROM released_addresses WHERE tailnet = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)
            """,
            [tailnet.rawValue, Self.limit]
        )
    }

    func remove(_ addresses: Set<IPAddress>) throws {
        for address in addresses {
            try connection.run(
                "DELETE FROM released_addresses WHERE tailnet = ? AND address = ?",
                [tailnet.rawValue, address.description]
            )
        }
    }
}
