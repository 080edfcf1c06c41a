public import Foundation
public import PolicyLanguage

/// One capture of what Tailscale's own service answers to a policy.
public struct GoldenCase: Sendable, CustomStringConvertible {
    public let category: String
    public let id: String
    public let root: JSONValue

    public var description: String { "\(category)/\(id)" }

    /// Where the captures are: beside the repository, or where `SWIFTSCALE_GOLDEN` says.
    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTSCALE_GOLDEN"] { return URL(fileURLWithPath: path) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared/golden")
    }()

    public static let categories = [
        "acl", "grant", "routes", "ssh", "nodeattrs", "policytest", "sshtest", "issue_3212",
    ]

    /// All cases, sorted; none where the captures are absent.
    public static let all: [GoldenCase] = categories.flatMap { category -> [GoldenCase] in
        let place = folder.appendingPathComponent(category)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            guard let data = try? Data(contentsOf: place.appendingPathComponent(name)),
                let root = try? HuJSON.parse(Array(data))
            else { return nil }
            return GoldenCase(category: category, id: String(name.dropLast(".json".count)), root: root.plain)
        }
    }

    public static let isAbsent = all.isEmpty

    public var policy: [UInt8] {
        if case .string(let text)? = root["policy"] { return Array(text.utf8) }
        return Array((root["policy"] ?? .null).description.utf8)
    }

    public var code: String { root["api"]?["code"]?.description ?? "" }

    public var message: String {
        guard case .string(let text)? = root["api"]?["body"]?["message"] else { return "" }
        return text
    }

    /// The setting of the tailnet for devices whose owner has not decided.
    public var updatesAutomatically: Bool { root["tailnet"]["settings"]["devices_auto_updates_on"] == .bool(true) }

    /// What each node was sent, by name.
    public var expect: [JSONValue.Member] { root["expect"].members }

    /// The network of the capture as a file for the offline tools: with the members that captures have, so without node ids.
    public var networkFile: String {
        JSONValue.object([
            .init(name: "users", value: root["users"] ?? .null), .init(name: "nodes", value: root["nodes"] ?? .null),
            .init(name: "tailnet", value: root["tailnet"] ?? .null),
        ]).description
    }

    /// The same with ids, in the order in which the nodes joined.
    public func network() throws -> PolicyNetwork {
        var network = try PolicyNetwork.parse(Array(networkFile.utf8))
        let names = Self.joinOrder + network.nodes.map(\.name).filter { !Self.joinOrder.contains($0) }.sorted()
        for index in network.nodes.indices {
            network.nodes[index].id = Int64(names.firstIndex(of: network.nodes[index].name) ?? 0) + 1
        }
        return network
    }

    /// As captures show it in which addresses were handed out one after the other.
    private static let joinOrder = [
        "caterpie", "pidgey", "pidgeotto", "charmander", "rattata", "raticate", "metapod", "butterfree", "blastoise",
        "wartortle", "spearow", "fearow", "squirtle", "weedle", "kakuna", "beedrill", "ivysaur", "venusaur",
        "bulbasaur",
    ]
}

extension JSONValue? {
    public subscript(name: String) -> JSONValue? { self?[name] }

    public var items: [JSONValue] {
        guard case .array(let items)? = self else { return [] }
        return items
    }

    public var members: [JSONValue.Member] {
        guard case .object(let members)? = self else { return [] }
        return members
    }

    public var strings: [String] {
        items.map { item in
            guard case .string(let text) = item else { return item.description }
            return text
        }
    }
}
