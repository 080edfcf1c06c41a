import IPAddresses
import PolicyLanguage

/// Random policies and networks that meet often: few users, tags, routes and hosts.
struct RandomTailnet {
    var random: SplitMix
    private let users = (1...6).map { number in
        PolicyUser(
            id: Int64(number),
            name: "u\(number)",
            email: "u\(number)@example.com",
            role: number == 1 ? .owner : (number == 2 ? .admin : .member)
        )
    }
    private let tags = ["tag:a", "tag:b", "tag:c", "tag:r", "tag:e"]
    private let routes = ["10.0.0.0/8", "10.1.0.0/16", "192.168.1.0/24", "fd00::/64", "0.0.0.0/0", "::/0"]

    init(seed: UInt64) {
        random = SplitMix(seed)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func pick<Element>(_ list: [Element], _ count: ClosedRange<Int>) -> [Element] {
        let wanted = Int.random(in: count, using: &random)
        return Array(list.shuffled(using: &random).prefix(wanted))
    }

    mutating func node(_ id: Int64) -> PolicyNode {
        var node = PolicyNode(id: id, name: "n\(id)")
        let address = UInt32(0x6440_0000) + UInt32(id) * 3
        if chance(95) { node.ipv4 = IPv4Address(address) }
        if chance(80) { node.ipv6 = IPv6Address("fd7a:115c:a1e0::\(String(id, radix: 16))") }
        if chance(50) {
            node.user = users.randomElement(using: &random)?.id
        } else {
            node.tags = pick(tags, 1...2).sorted()
        }
        if chance(30) {
            node.announcedRoutes = pick(routes, 1...3).compactMap { IPPrefix($0) }
            node.approvedRoutes = node.announcedRoutes.filter { _ in chance(60) }
        }
        node.isAvailable = chance(80)
        if chance(50) { node.attributes["node:os"] = .string(chance(50) ? "linux" : "macos") }
        if chance(40) { node.attributes["custom:tier"] = .string(chance(50) ? "prod" : "lab") }
        return node
    }

    /// Somebody, with other groups at the login provider.
    mutating func person() -> PolicyUser {
        var user = users[Int.random(in: users.indices, using: &random)]
        user.groups = pick(["staff", "ops", "none"], 0...2).sorted()
        return user
    }

    mutating func network(nodes count: Int) -> PolicyNetwork {
        PolicyNetwork(users: users, nodes: (1...Int64(count)).map { node($0) })
    }

    private var people: [String] {
        ["u1@example.com", "u2@example.com", "group:g", "group:h", "autogroup:member", "autogroup:admin"]
    }

    private var places: [String] {
        tags + ["autogroup:tagged", "web", "lan", "10.1.0.0/16", "100.64.0.0/25", "100.64.0.9", "ipset:s", "*"]
    }

    /// One grant, as JSON.
    mutating func grant() -> String {
        let services = pick(["*", "22", "tcp:80-90", "udp:53", "icmp:*", "443,8443"], 1...2)
        var parts: [String] = []
        if chance(15) {
            parts.append("\"src\": \(pick(people, 1...2)), \"dst\": [\"autogroup:self\"], \"ip\": \(services)")
        } else {
            let targets = pick(people + places + ["autogroup:internet"], 1...3)
            parts.append("\"src\": \(pick(people + places, 1...3)), \"dst\": \(targets)")
            let hasApp = chance(25) && !targets.contains("autogroup:internet")
            if hasApp {
                let name = pick(["example.com/cap/x", "tailscale.com/cap/drive", "tailscale.com/cap/relay"], 1...1)[0]
                parts.append("\"app\": {\"\(name)\": [{}]}")
            }
            if !hasApp || chance(50) { parts.append("\"ip\": \(services)") }
            if chance(20) { parts.append("\"via\": \(pick(["tag:r", "tag:e"], 1...2))") }
            if chance(20) { parts.append("\"srcPosture\": \(pick(["posture:linux", "posture:prod"], 1...2))") }
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    mutating func grants() -> [String] {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in grant() }
    }

    func policy(_ grants: [String]) throws -> PolicyDocument {
        try PolicyDocument.parse(
            """
            {"groups": {"group:g": ["u1@example.com", "u3@example.com", "oidc:staff"],
              "group:h": ["u4@", "u5@example.com", "oidc:ops", "oidc:staff"]},
            "hosts": {"web": "100.64.0.6", "lan": "10.0.0.0/8"}, "ipsets": {"ipset:s": ["192.168.1.0/24", "100.64.0.12"]},
            "tagOwners": {"tag:a": [], "tag:b": [], "tag:c": [], "tag:r": [], "tag:e": []},
            "postures": {"posture:linux": ["node:os == 'linux'"], "posture:prod": ["custom:tier == 'prod'"]},
            "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:r"]}, "exitNode": ["tag:e"]},
            "nodeAttrs": [{"target": ["tag:a", "group:g"], "attr": ["x"]}, {"target": ["web"], "attr": ["disable-ipv4"]}],
            "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self", "tag:a"],
              "users": ["root", "localpart:*@example.com"]},
              {"action": "check", "src": ["tag:b", "group:g"], "dst": ["tag:c"], "users": ["autogroup:nonroot"]}],
            "grants": [\(grants.joined(separator: ",\n"))]}
            """
        )
    }
}
