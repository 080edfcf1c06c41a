import ControlModel
import IPAddresses
import PolicyLanguage

@testable import ControlGatewayService

/// Random policies and nodes that meet often: few users, tags, routes and hosts.
struct RandomPolicy: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) {
        state = UInt64(bitPattern: Int64(seed)) &* 0x2545_F491_4F6C_DD1D &+ 1
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    static let users: ClosedRange<Int64> = 1...5
    private static let tags = ["tag:a", "tag:b", "tag:c", "tag:r", "tag:e"]
    private static let routes = ["10.0.0.0/8", "10.1.0.0/16", "192.168.1.0/24", "fd00::/64", "0.0.0.0/0", "::/0"]
    private static let people = [
        "u1@example.com", "u2@example.com", "group:g", "group:h", "autogroup:member", "autogroup:admin",
    ]
    private static let places =
        tags + ["autogroup:tagged", "web", "lan", "10.1.0.0/16", "100.64.0.0/28", "100.64.0.9", "ipset:s", "*"]

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick(_ list: [String], _ count: ClosedRange<Int>) -> [String] {
        let wanted = Int.random(in: count, using: &self)
        return Array(list.shuffled(using: &self).prefix(wanted))
    }

    /// The node with a random owner, tags and routes.
    mutating func edit(_ node: inout Node) {
        if chance(50) {
            node.user = Fixture.id(Int64.random(in: Self.users, using: &self))
            node.tags = []
        } else {
            node.user = nil
            node.tags = pick(Self.tags, 1...2).sorted()
        }
        node.hostinfo.routableIPs = chance(35) ? pick(Self.routes, 1...3).compactMap { IPPrefix($0) } : []
        var approved: [IPPrefix] = []
        for route in node.hostinfo.routableIPs where chance(60) { approved.append(route) }
        node.approvedRoutes = approved
        if chance(50) { node.hostinfo.os = chance(50) ? "linux" : "macOS" }
        if chance(50) {
            let tier = DeviceAttribute(name: "custom:tier", value: .string(chance(50) ? "prod" : "lab"))
            node.setAttribute(tier.name, to: chance(70) ? tier : nil)
        }
    }

    private mutating func grant() -> String {
        let services = pick(["*", "22", "tcp:80-90", "udp:53", "icmp:*", "443,8443"], 1...2)
        if chance(20) {
            return "{\"src\": \(pick(Self.people, 1...2)), \"dst\": [\"autogroup:self\"], \"ip\": \(services)}"
        }
        let targets = pick(Self.people + Self.places + ["autogroup:internet"], 1...3)
        var parts = ["\"src\": \(pick(Self.people + Self.places, 1...3)), \"dst\": \(targets)"]
        let hasApp = chance(25) && !targets.contains("autogroup:internet")
        if hasApp {
            let names = pick(["example.com/cap/x", "tailscale.com/cap/drive", "tailscale.com/cap/relay"], 1...1)
            parts.append("\"app\": {\"\(names[0])\": [{}]}")
        }
        if !hasApp || chance(50) { parts.append("\"ip\": \(services)") }
        if chance(20) { parts.append("\"via\": \(pick(["tag:r", "tag:e"], 1...2))") }
        if chance(20) {
            parts.append("\"srcPosture\": \(pick(["posture:linux", "posture:prod", "posture:tierless"], 1...2))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    mutating func document() throws -> PolicyDocument { try PolicyDocument.parse(text()) }

    mutating func text() -> String {
        let grants = (0..<Int.random(in: 1...6, using: &self)).map { _ in grant() }
        let ssh = """
            "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self", "tag:a"],
              "users": ["root", "localpart:*@example.com"]},
              {"action": "check", "src": ["tag:b", "group:g"], "dst": ["tag:c"], "users": ["autogroup:nonroot"]}],
            """
        let attributes = """
            "nodeAttrs": [{"target": ["tag:a", "group:g"], "attr": ["x"]},
              {"target": ["web"], "attr": ["disable-ipv4"]}],
            """
        return
            """
            {"groups": {"group:g": ["u1@example.com", "u3@example.com", "oidc:staff"],
              "group:h": ["u4@", "u5@example.com", "oidc:ops"]},
            "hosts": {"web": "100.64.0.6", "lan": "10.0.0.0/8"}, "ipsets": {"ipset:s": ["192.168.1.0/24", "100.64.0.12"]},
            "tagOwners": {"tag:a": [], "tag:b": [], "tag:c": [], "tag:r": [], "tag:e": []},
            "postures": {"posture:linux": ["node:os == 'linux'"], "posture:prod": ["custom:tier == 'prod'"],
              "posture:tierless": ["custom:tier NOT SET"]},
            "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:r"]}, "exitNode": ["tag:e"]},
            \(chance(50) ? ssh : "") \(chance(50) ? attributes : "")
            "grants": [\(grants.joined(separator: ",\n"))]}
            """
    }
}
