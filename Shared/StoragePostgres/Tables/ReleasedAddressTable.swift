import ControlModel
import IPAddresses

/// Addresses that nodes gave up, longest free first: by the version that released them, then by address.
struct ReleasedAddressTable {
    /// Beyond this many the longest free ones count as never used.
    static let limit = 16_384

    let tailnet: TailnetID

    func selectAll() -> Statement {
        Statement(
            "SELECT address FROM released_addresses WHERE tailnet = $1 ORDER BY version, position",
            [.text(tailnet.rawValue)]
        )
    }

    func addresses(_ rows: RowSet) throws -> [IPAddress] {
        try rows.all("released address") { row in
            guard let address = IPAddress(try row.text()) else { throw row.unreadable(IPAddress.self) }
            return address
        }
    }

    /// Brings the table to what a series of moves, in their order, makes of it.
    func apply(_ moves: [AddressMove]) -> [Statement] {
        guard !moves.isEmpty else { return [] }
        let last = Dictionary(moves.map { ($0.address, $0) }, uniquingKeysWith: { _, later in later })
        let released = last.values.filter(\.isReleased).sorted { ($0.version, $0.address) < ($1.version, $1.address) }
        var statements = [delete(last.keys.map(\.description))]
        guard !released.isEmpty else { return statements }
        statements.append(insert(released))
        statements.append(deleteBeyondLimit())
        return statements
    }

    private func delete(_ addresses: [String]) -> Statement {
        Statement(
            "DELETE FROM released_addresses WHERE tailnet = $1 AND address = ANY ($2::text[])",
            [.text(tailnet.rawValue), .texts(addresses)]
        )
    }

    /// The position counts through the list, so that it also tells two of one version apart.
    private func insert(_ moves: [AddressMove]) -> Statement {
        Statement(
            """
            INSERT INTO released_addresses (tailnet, address, version, position)
            SELECT $1, address, version, position FROM unnest($2::text[], $3::bigint[], $4::bigint[])
                AS entry (address, version, position)
            """,
            [
                .text(tailnet.rawValue), .texts(moves.map(\.address.description)), .integers(moves.map(\.version)),
                .integers((0..<moves.count).map(Int64.init)),
            ]
        )
    }

    private func deleteBeyondLimit() -> Statement {
        Statement(
            """
            DELETE FROM released_addresses WHERE tailnet = $1 AND (version, position) <= (
                SELECT version, position FROM released_addresses WHERE tailnet = $1
                ORDER BY version DESC, position DESC LIMIT 1 OFFSET $2)
            """,
            [.text(tailnet.rawValue), .integer(Self.limit)]
        )
    }
}

/// An address that a node gave up, or took.
struct AddressMove: Equatable {
    var address: IPAddress
    var isReleased: Bool
    /// Of the change that it belongs to.
    var version: Version
}
