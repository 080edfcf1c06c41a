import Foundation
import IPAddresses
import TestKit

extension SplitSystem {
    /// A node as the admin API shows it.
    struct ListedNode: Decodable, Hashable {
        var id: String
        var name: String
        var givenName: String
        var ipAddresses: [String]
        var online: Bool

        /// What stays when everything is restarted.
        var identity: [String] { [id, name, givenName] + ipAddresses }
    }

    /// All nodes of the tailnet.
    func nodes(through gateway: Int = 0) async throws -> [ListedNode] {
        let text = try await admin(["nodes", "list"], through: gateway)
        return try JSONDecoder().decode([ListedNode].self, from: Data(text.utf8))
    }

    /// How many reports each gateway has made, for those that the registry knows.
    func beats() async throws -> [Int] {
        let text = try await database.sql(
            "SELECT beat FROM presence_gateways ORDER BY gateway",
            database: databaseName
        )
        return text.split(separator: "\n").compactMap { Int($0) }
    }
}

extension [SplitSystem.ListedNode] {
    /// What two nodes have that only one may have: ids, given names, addresses.
    var clashes: [String] {
        let values = flatMap { [$0.id, $0.givenName] + $0.ipAddresses }
        return Dictionary(grouping: values) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }
}
