import CMallocCount
import IPAddresses
import PolicyLanguage

/// A policy of 50 groups, 100 tags and 500 rules with `autogroup:self` and `via`, on one core.
enum PolicyBenchmarks {
    static func run() throws -> [Measurement] {
        try [1000, 10_000].flatMap { try run(nodes: $0) }
    }

    private static func run(nodes count: Int) throws -> [Measurement] {
        let text = Array(policy.utf8)
        let document = try PolicyDocument.parse(text)
        let network = network(nodes: count)
        var engine = PolicyEngine(document, for: network)
        let source = engine.nodeIDs.first.flatMap { engine.node($0)?.addresses.first } ?? .v4(IPv4Address(0))
        let target = engine.nodeIDs.last.flatMap { engine.node($0)?.addresses.first } ?? .v4(IPv4Address(0))
        let question = AccessQuestion(source: source, destination: target, port: 22)
        var joined = false
        var isOther = false
        return [
            try Measurement.run("Policy read, \(text.count >> 10) KiB", bytes: text.count) {
                _ = try PolicyDocument.parse(text)
            },
            Measurement.runOnce("Policy compiled, \(count) nodes", prepare: {}) {
                engine = PolicyEngine(document, for: network)
            },
            Measurement.run("Node joins or leaves a class, \(count) nodes") {
                if joined { _ = engine.remove(Int64(count) + 1) } else { _ = engine.upsert(node(count + 1)) }
                joined.toggle()
                engine.settle()
            },
            Measurement.run("Node changes its tag, \(count) nodes") {
                var changed = node(10)
                changed.user = nil
                changed.tags = [isOther ? "tag:t1" : "tag:t2"]
                isOther.toggle()
                _ = engine.upsert(changed)
                engine.settle()
            },
            Measurement.run("Explanation, \(count) nodes") { _ = engine.explain(question) },
        ]
    }

    /// What a compiled policy holds, by what the allocator gave out.
    static func memory() throws -> [String] {
        let document = try PolicyDocument.parse(policy)
        return [1000, 10_000].map { count in
            let network = network(nodes: count)
            let before = malloc_bytes_now()
            let engine = PolicyEngine(document, for: network)
            let length = withExtendedLifetime(engine) { malloc_bytes_now() - before }
            return "Policy compiled for \(count) nodes: \(length >> 10) KiB beside the rows of users and nodes."
        }
    }

    /// One user for five nodes; of ten nodes four are tagged; one in two hundred routes a network of its own.
    private static func network(nodes count: Int) -> PolicyNetwork {
        let users = (0...count / 5).map { number in
            PolicyUser(id: Int64(number) + 1, name: "u\(number)", email: "u\(number)@example.com")
        }
        return PolicyNetwork(users: users, nodes: (1...count).map(node))
    }

    private static func node(_ number: Int) -> PolicyNode {
        var node = PolicyNode(
            id: Int64(number),
            name: "n\(number)",
            ipv4: IPv4Address(0x6440_0000 + UInt32(number)),
            ipv6: IPv6Address("fd7a:115c:a1e0::\(String(number, radix: 16))")
        )
        if number % 10 < 4 {
            node.tags = ["tag:t\(number % 100)"]
        } else {
            node.user = Int64(number / 5) + 1
        }
        if number % 200 == 0 {
            let route = IPPrefix("10.\(number / 200 % 256).0.0/16")
            node.tags = ["tag:t\(number / 200 % 10)"]
            node.user = nil
            node.announcedRoutes = [route].compactMap { $0 }
            node.approvedRoutes = node.announcedRoutes
        }
        return node
    }

    private static var policy: String {
        let groups = (0..<50).map { group in
            let members = (0..<20).map { "\"u\(group * 20 + $0)@example.com\"" }.joined(separator: ", ")
            return "\"group:g\(group)\": [\(members)]"
        }
        let tags = (0..<100).map { "\"tag:t\($0)\": [\"group:g\($0 % 50)\"]" }
        var grants = (0..<478).map { rule in
            "{\"src\": [\"group:g\(rule % 50)\", \"tag:t\(rule % 97)\"], \"dst\": [\"tag:t\((rule * 7) % 100)\"], "
                + "\"ip\": [\"tcp:\(rule + 1)\", \"udp:\(rule + 1)\"]}"
        }
        grants.append("{\"src\": [\"autogroup:member\"], \"dst\": [\"autogroup:self\"], \"ip\": [\"*\"]}")
        grants.append("{\"src\": [\"autogroup:member\"], \"dst\": [\"autogroup:internet\"], \"ip\": [\"*\"]}")
        grants += (0..<20).map { rule in
            "{\"src\": [\"group:g\(rule)\"], \"dst\": [\"10.\(rule).0.0/16\"], \"ip\": [\"*\"], "
                + "\"via\": [\"tag:t\(rule % 10)\"]}"
        }
        return """
            {"groups": {\(groups.joined(separator: ",\n"))}, "tagOwners": {\(tags.joined(separator: ",\n"))},
            "grants": [\(grants.joined(separator: ",\n"))]}
            """
    }
}
