import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import TailcfgWire
import TestKit
import Testing

@testable import ControlGatewayService

/// Captures of Tailscale's own service, through whole network maps: what the wire says is what the service said.
///
/// Decisions are compared in all captures by `PolicyLanguageTests`; here it is their way to the client.
@Suite("Golden captures, as network maps")
struct GoldenMapTests {
    struct Capture: Sendable, CustomStringConvertible {
        let description: String
        let url: URL
    }

    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTSCALE_GOLDEN"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).appending(path: "../../../../shared/golden").standardized
    }()

    static let captures: [Capture] = ["acl", "grant", "routes", "ssh"].flatMap { category -> [Capture] in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: category).path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            Capture(description: "\(category)/\(name)", url: folder.appending(path: category).appending(path: name))
        }
    }

    /// Captures whose topology is older than what was captured.
    private static let outdated: Set<String> = ["acl/acl-ah01.json", "acl/acl-h03.json"]

    @Test("the captures are there, or their absence is said")
    func presence() {
        guard Self.captures.isEmpty else { return }
        print("golden captures skipped: set SWIFTSCALE_GOLDEN to their folder")
        #expect(ProcessInfo.processInfo.environment["CI"] == nil, "CI must have the golden captures")
    }

    @Test("clients get filters, peers and routes as the service sends them", .enabled(if: !captures.isEmpty))
    func maps() throws {
        var compared = 0
        for capture in Self.captures {
            let data = try Data(contentsOf: capture.url)
            guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any],
                ((root["api"] as? [String: Any])?["code"] as? Int) == 200
            else { continue }
            var world = try Self.world(root)
            for (name, expected) in root["expect"] as? [String: [String: Any]] ?? [:] {
                guard let raw = world.ids[name] else { continue }
                try world.world.open(raw)
                let view = try #require(world.world.clients[raw]?.view)
                let rules = expected["packet_filter"] as? [[String: Any]] ?? []
                #expect(Self.filter(view) == Set(rules.map(Self.rule)), "\(capture) \(name): filter")
                if !Self.outdated.contains(capture.description) {
                    let peers = expected["peers"] as? [[String: Any]] ?? []
                    #expect(Self.peers(view, world.names) == Set(peers.map(Self.peer)), "\(capture) \(name): peers")
                }
                compared += 1
            }
        }
        #expect(compared > 100)
    }

    private struct Named {
        var world: PolicyWorld
        var ids: [String: Int64]
        var names: [Int64: String] { Dictionary(uniqueKeysWithValues: ids.map { ($1, $0) }) }
    }

    /// The network of a capture; routers that it shows as first come first.
    private static func world(_ root: [String: Any]) throws -> Named {
        // Their ids there are longer than ours may be; only their order counts.
        let users = (root["users"] as? [[String: Any]] ?? []).sorted { number($0) < number($1) }
        let nodes = root["nodes"] as? [String: [String: Any]] ?? [:]
        let expect = root["expect"] as? [String: [String: Any]] ?? [:]
        func isFirst(_ name: String) -> Bool {
            !((expect[name]?["self"] as? [String: Any])?["primary_routes"] as? [String] ?? []).isEmpty
        }
        var world = PolicyWorld()
        var userIDs: [String: Int64] = [:]
        for (index, user) in users.enumerated() {
            let id = Int64(index + 1)
            var row = PolicyWorld.user(id, index == 0 ? .owner : .admin)
            row.name = user["name"] as? String ?? ""
            row.email = user["email"] as? String ?? ""
            world.put(row)
            userIDs[row.name] = id
        }
        var ids: [String: Int64] = [:]
        let order = nodes.keys.sorted { (isFirst($0) ? 0 : 1, $0) < (isFirst($1) ? 0 : 1, $1) }
        for (index, name) in order.enumerated() {
            let raw = Int64(index + 1)
            ids[name] = raw
            let form = nodes[name] ?? [:]
            var node = Fixture.node(raw)
            node.tags = form["tags"] as? [String] ?? []
            node.user = (form["user"] as? String).flatMap { userIDs[$0] }.flatMap(UserID.init)
            node.ipv4 = (form["ipv4"] as? String).flatMap(IPv4Address.init)
            node.ipv6 = (form["ipv6"] as? String).flatMap(IPv6Address.init)
            node.hostinfo.routableIPs = (form["routable_ips"] as? [String] ?? []).compactMap(IPPrefix.init)
            node.approvedRoutes = (form["approved_routes"] as? [String] ?? []).compactMap(IPPrefix.init)
            world.put(node)
        }
        let policy = root["policy"]
        let text =
            if let text = policy as? String { text } else {
                String(decoding: try JSONSerialization.data(withJSONObject: policy ?? [:]), as: UTF8.self)
            }
        try world.set(policy: text)
        try world.flush()
        return Named(world: world, ids: ids)
    }

    private static func number(_ user: [String: Any]) -> Double { (user["id"] as? NSNumber)?.doubleValue ?? 0 }

    private static func filter(_ view: NetworkView) -> Set<String> {
        Set(
            (view.filters["base"] ?? []).map { rule in
                let ports = (rule.destinations ?? []).map { "\($0.ip) \($0.ports.first)-\($0.ports.last)" }
                let grants = (rule.capabilities ?? []).map { grant in
                    "\(grant.destinations.sorted()) \(grant.capabilities.keys.sorted())"
                }
                let protocols = (rule.protocols ?? []).sorted()
                return "\(rule.sources.sorted()) -> \(ports.sorted()) \(protocols) \(grants.sorted())"
            }
        )
    }

    private static func rule(_ rule: [String: Any]) -> String {
        let ports = (rule["DstPorts"] as? [[String: Any]] ?? []).map { target in
            let range = target["Ports"] as? [String: Any]
            return "\(target["IP"] ?? "") \(range?["First"] ?? 0)-\(range?["Last"] ?? 0)"
        }
        let grants = (rule["CapGrant"] as? [[String: Any]] ?? []).map { grant in
            "\((grant["Dsts"] as? [String] ?? []).sorted()) \((grant["CapMap"] as? [String: Any] ?? [:]).keys.sorted())"
        }
        let protocols = (rule["IPProto"] as? [Int] ?? []).sorted()
        return "\((rule["SrcIPs"] as? [String] ?? []).sorted()) -> \(ports.sorted()) \(protocols) \(grants.sorted())"
    }

    private static func peers(_ view: NetworkView, _ names: [Int64: String]) -> Set<String> {
        Set(
            view.peers.values.map { peer in
                let allowed = (peer.allowedIPs ?? peer.addresses).map(\.description).sorted()
                let primary = (peer.primaryRoutes ?? []).map(\.description).sorted()
                return "\(names[peer.id] ?? "") \(allowed) \(primary) \((peer.tags ?? []).sorted())"
            }
        )
    }

    private static func peer(_ peer: [String: Any]) -> String {
        let lists = ["allowed_ips", "primary_routes", "tags"].map { (peer[$0] as? [String] ?? []).sorted() }
        return "\(peer["name"] ?? "") \(lists[0]) \(lists[1]) \(lists[2])"
    }
}
