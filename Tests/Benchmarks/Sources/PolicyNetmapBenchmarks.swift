import ControlGatewayService
import ControlModel
import Foundation
import PolicyLanguage

/// Maps under a policy of 100 tags, 50 groups and 500 rules: half of the nodes are tagged, the others belong to 500 users.
enum PolicyNetmapBenchmarks {
    static func run() throws -> [Measurement] {
        let document = try PolicyDocument.parse(policy)
        return [compile(document)] + maps(document) + changes(document)
    }

    private static let count: Int64 = 10_000

    private static func compile(_ document: PolicyDocument) -> Measurement {
        let netmap = network()
        let network = netmap.policyNetwork(for: document)
        return Measurement.runOnce("policy of 500 rules for \(count) nodes, compiled", prepare: {}) {
            _ = CompiledPolicy(document, for: network)
        }
    }

    private static func maps(_ document: PolicyDocument) -> [Measurement] {
        var netmap = network(document)
        var viewer: Int64 = 0
        for raw in 1...count { _ = netmap.fullMap(for: node(raw), isCompressed: true, now: NetmapBenchmarks.start) }
        return [
            Measurement.run("full map under a policy, each further viewer") {
                viewer = viewer % count + 1
                _ = netmap.fullMap(for: node(viewer), isCompressed: true, now: NetmapBenchmarks.start)
            }
        ]
    }

    private static func changes(_ document: PolicyDocument) -> [Measurement] {
        var netmap = network(document)
        for raw in 1...count {
            netmap.addViewer(node(raw), stream: UInt64(raw), isCompressed: true, now: NetmapBenchmarks.start)
        }
        var step: Int64 = 0
        func put(_ node: Node) {
            step += 1
            var node = node
            node.version = 1_000_000 + step
            netmap.take(netmap.replica.apply(ahead: node))
            _ = netmap.flush(now: NetmapBenchmarks.start)
        }
        let endpoint = Measurement.run("endpoint change under a policy, \(count) viewers, engine") {
            var changed = node(step % count + 1)
            changed.endpoints = [NetmapBenchmarks.endpoint(UInt32(truncatingIfNeeded: step))]
            put(changed)
        }
        var next = count
        let join = Measurement.run("a node joins under a policy, \(count) viewers, engine") {
            next += 1
            put(node(next))
        }
        let tags = Measurement.run("a node's tag changes under a policy, \(count) viewers, engine") {
            var changed = node(2 * (step % 100) + 2)
            changed.tags = ["tag:t\((step / 100 + changed.id.rawValue) % 100)"]
            put(changed)
        }
        return [endpoint, join, tags]
    }

    private static func network(_ document: PolicyDocument? = nil) -> Netmap {
        var netmap = Netmap(
            formats: NodeFormats(isLogUploadAllowed: false, addressPrefixes: [], isTaildropEnabled: true)
        )
        netmap.replica.dns = NetmapBenchmarks.dns
        netmap.take(netmap.replica.apply(snapshotUsers: (1...500).map(user), nodes: (1...count).map(node)))
        if let document { netmap.set(policy: CompiledPolicy(document, for: netmap.policyNetwork(for: document))) }
        _ = netmap.flush(now: NetmapBenchmarks.start)
        return netmap
    }

    private static func user(_ raw: Int64) -> User {
        User(
            id: NetmapBenchmarks.id(raw),
            tailnet: .default,
            name: "u\(raw)",
            email: "u\(raw)@example.com",
            createdAt: NetmapBenchmarks.start,
            version: 1
        )
    }

    /// Even nodes are tagged.
    private static func node(_ raw: Int64) -> Node {
        var node = NetmapBenchmarks.node(raw)
        if raw % 2 == 0 {
            node.user = nil
            node.tags = ["tag:t\(raw / 2 % 100)"]
        } else {
            node.user = NetmapBenchmarks.id(raw / 2 % 500 + 1)
        }
        return node
    }

    private static var policy: String {
        let groups = (0..<50).map { group in
            let members = (0..<10).map { "\"u\(group * 10 + $0 + 1)@example.com\"" }
            return "\"group:g\(group)\": [\(members.joined(separator: ","))]"
        }
        let owners = (0..<100).map { "\"tag:t\($0)\": []" }
        let grants = (0..<500).map { number in
            let source = number % 2 == 0 ? "group:g\(number / 2 % 50)" : "tag:t\(number * 7 % 100)"
            return """
                {"src": ["\(source)"], "dst": ["tag:t\(number * 13 % 100)"], "ip": ["tcp:\(1000 + number)"]}
                """
        }
        return """
            {"groups": {\(groups.joined(separator: ","))}, "tagOwners": {\(owners.joined(separator: ","))},
            "grants": [\(grants.joined(separator: ",\n"))]}
            """
    }
}
