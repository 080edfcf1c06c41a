import IPAddresses
import PolicyLanguage

/// What the engine tells a node, in the shape of the captures, with sets sorted.
struct GoldenView {
    let engine: PolicyEngine
    let names: [Int64: String]
    let ids: [String: Int64]

    init(engine: PolicyEngine) {
        self.engine = engine
        names = Dictionary(uniqueKeysWithValues: engine.nodeIDs.compactMap { id in engine.node(id).map { (id, $0.name) } })
        ids = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
    }

    typealias Line = (field: String, got: String, want: String)

    func comparison(of id: Int64, with want: JSONValue) -> [Line] {
        [
            ("packet_filter", Self.lines(filter(of: id)), Self.lines(want["packet_filter"].items.map(Self.sortedRule))),
            ("peers", Self.lines(peers(of: id)), Self.lines(Self.sortedPeers(want["peers"]))),
            ("self", own(id, want: want["self"]), Self.own(want["self"])),
            ("ssh", Self.lines(ssh(of: id)), Self.lines(want["ssh"].items.map(Self.sortedSSH))),
            ("whois_caps", whois(of: id), Self.map(want["whois_caps"])),
        ]
    }

    private static func lines(_ values: [JSONValue]) -> String {
        values.map(\.sorted.description).joined(separator: "\n")
    }

    private static func texts(_ values: [String]) -> JSONValue {
        .array(values.sorted().map(JSONValue.string))
    }

    private static func object(_ members: (String, JSONValue)...) -> JSONValue {
        .object(members.map { .init(name: $0, value: $1) })
    }

    // The packet filter

    private func filter(of id: Int64) -> [JSONValue] {
        engine.packetFilter(of: id).map { rule in
            let targets = rule.destinations.map { "\($0.ip) \($0.ports.first)-\($0.ports.last)" }
            let grants = rule.capabilities.map { part in
                Self.object(
                    ("Dsts", Self.texts(part.destinations.map(\.description))), ("CapMap", Self.capabilities(part.capabilities)))
            }
            return Self.rule(rule.sources.strings, targets, rule.protocols.map(String.init), grants)
        }
    }

    private static func rule(_ from: [String], _ to: [String], _ protos: [String], _ grants: [JSONValue]) -> JSONValue {
        let parts = grants.map(\.sorted).sorted { $0.description < $1.description }
        return object(("SrcIPs", texts(from)), ("DstPorts", texts(to)), ("IPProto", texts(protos)), ("CapGrant", .array(parts)))
    }

    private static func sortedRule(_ rule: JSONValue) -> JSONValue {
        let targets = rule["DstPorts"].items.map { item in
            let (first, last) = (item["Ports"]["First"], item["Ports"]["Last"])
            return "\([item["IP"] ?? .null].strings[0]) \(first ?? .null)-\(last ?? .null)"
        }
        let grants = rule["CapGrant"].items.map { part in
            object(("Dsts", texts(part["Dsts"].strings)), ("CapMap", part["CapMap"] ?? .null))
        }
        return self.rule(rule["SrcIPs"].strings, targets, rule["IPProto"].strings, grants)
    }

    private static func capabilities(_ list: [PacketFilterRule.Capability]) -> JSONValue {
        .object(list.map { .init(name: $0.name, value: $0.values.map(JSONValue.array) ?? .null) })
    }

    // Peers and self

    private func peers(of id: Int64) -> [JSONValue] {
        let list = engine.peers(of: id).map { peer in
            Self.peer(
                names[peer.id] ?? "", peer.allowedIPs.map(\.description), peer.primaryRoutes.map(\.description),
                engine.node(peer.id)?.tags ?? [], Self.capabilities(peer.capabilities)
            )
        }
        return list.sorted { $0.description < $1.description }
    }

    private static func peer(
        _ name: String, _ allowed: [String], _ primary: [String], _ tags: [String], _ caps: JSONValue
    ) -> JSONValue {
        object(
            ("name", .string(name)), ("allowed", texts(allowed)), ("primary", texts(primary)), ("tags", texts(tags)),
            ("caps", caps.sorted))
    }

    private static func sortedPeers(_ peers: JSONValue?) -> [JSONValue] {
        let list = peers.items.map { item in
            peer(
                [item["name"] ?? .null].strings[0], item["allowed_ips"].strings, item["primary_routes"].strings,
                item["tags"].strings, item["cap_map"] ?? .object([]))
        }
        return list.sorted { $0.description < $1.description }
    }

    private func own(_ id: Int64, want: JSONValue?) -> String {
        guard let view = engine.selfView(of: id) else { return "" }
        var caps = view.capabilities.filter { !GoldenSetAside.capabilities.contains($0.name) }
        if want["cap_map"][GoldenSetAside.lateCapability] == nil {
            caps.removeAll { $0.name == GoldenSetAside.lateCapability }
        }
        return Self.peer(
            "", view.allowedIPs.map(\.description), view.primaryRoutes.map(\.description), [], Self.capabilities(caps)
        ).description
    }

    private static func own(_ want: JSONValue?) -> String {
        let caps = want["cap_map"].members.filter { !GoldenSetAside.capabilities.contains($0.name) }
        return peer("", want["allowed_ips"].strings, want["primary_routes"].strings, [], .object(caps)).description
    }

    // SSH and capabilities of those who come

    private func ssh(of id: Int64) -> [JSONValue] {
        engine.sshPolicy(of: id).map { rule in
            let action: JSONValue =
                switch rule.action {
                case .accept:
                    Self.object(
                        ("accept", .bool(true)), ("allowAgentForwarding", .bool(true)),
                        ("allowLocalPortForwarding", .bool(true)), ("allowRemotePortForwarding", .bool(true)))
                case .check:
                    Self.object(("holdAndDelegate", .string(SSHPolicyRule.holdAndDelegateURL(server: "https://unused"))))
                }
            let users = rule.users.map { JSONValue.Member(name: $0.requested, value: .string($0.local)) }
            return Self.object(
                ("principals", Self.texts(rule.principals.map(\.description))), ("sshUsers", .object(users)),
                ("acceptEnv", .array(rule.acceptEnv.map(JSONValue.string))), ("action", action))
        }
    }

    private static func sortedSSH(_ rule: JSONValue) -> JSONValue {
        object(
            ("principals", texts(rule["principals"].items.flatMap { [$0["nodeIP"] ?? .null].strings })),
            ("sshUsers", rule["sshUsers"] ?? .object([])), ("acceptEnv", .array(rule["acceptEnv"].items)),
            ("action", rule["action"] ?? .null))
    }

    private func whois(of id: Int64) -> String {
        var members: [JSONValue.Member] = []
        for other in engine.nodeIDs where other != id {
            for address in engine.node(other)?.addresses ?? [] {
                let caps = engine.capabilities(of: address, at: id)
                if !caps.isEmpty { members.append(.init(name: address.description, value: Self.capabilities(caps))) }
            }
        }
        return JSONValue.object(members).sorted.description
    }

    private static func map(_ value: JSONValue?) -> String {
        (value ?? .object([])).sorted.description
    }
}

extension [JSONValue] {
    fileprivate var strings: [String] { JSONValue?.some(.array(self)).strings }
}
