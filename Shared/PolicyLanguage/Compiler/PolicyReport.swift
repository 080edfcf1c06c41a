import IPAddresses

extension PolicyEngine {
    /// What every node is told, as JSON: `{name: {packet_filter, ssh, peers, self, whois_caps}}`.
    ///
    /// Names and shapes are those of `tailcfg` inside; what is empty is left out, as it is on the wire.
    ///
    /// - Parameter server: URL of the control server, which SSH checks ask.
    public func report(server: String, updatesAutomatically: Bool = false) -> JSONValue {
        let ready = settled
        return .object(
            ready.nodeIDs.compactMap { id in
                guard let entry = ready.entries[id] else { return nil }
                let report = ready.report(of: id, server: server, updatesAutomatically: updatesAutomatically)
                return .init(name: entry.node.name, value: report)
            }
        )
    }

    /// What one node is told.
    public func report(of id: Int64, server: String, updatesAutomatically: Bool = false) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "packet_filter", value: .array(packetFilter(of: id).map(\.json))),
            .init(name: "peers", value: .array(peers(of: id).map(report))),
            .init(name: "ssh", value: .array(sshPolicy(of: id).map { $0.json(server: server) })),
        ]
        if let own = selfView(of: id, updatesAutomatically: updatesAutomatically) {
            members.append(
                .init(
                    name: "self",
                    value: .present([
                        ("allowed_ips", .texts(own.allowedIPs)), ("primary_routes", .texts(own.primaryRoutes)),
                        ("cap_map", own.capabilities.json),
                    ])
                )
            )
        }
        let sources = sourceCapabilities(at: id)
        if !sources.isEmpty { members.append(.init(name: "whois_caps", value: .object(sources))) }
        return .object(members)
    }

    private func report(_ peer: PeerView) -> JSONValue {
        let node = entries[peer.id]?.node
        return .present([
            ("name", .string(node?.name ?? "")), ("allowed_ips", .texts(peer.allowedIPs)),
            ("primary_routes", .texts(peer.primaryRoutes)), ("tags", .texts(node?.tags ?? [])),
            ("cap_map", peer.capabilities.json),
        ])
    }

    /// What a node finds for the addresses of all others.
    private func sourceCapabilities(at id: Int64) -> [JSONValue.Member] {
        let rules = packetFilter(of: id).filter { !$0.capabilities.isEmpty }
        guard !rules.isEmpty else { return [] }
        var members: [JSONValue.Member] = []
        for other in nodeIDs where other != id {
            for address in entries[other]?.node.addresses ?? [] {
                let found = Self.capabilities(of: address, in: rules)
                if !found.isEmpty { members.append(.init(name: address.description, value: found.json)) }
            }
        }
        return members
    }
}

extension PacketFilterRule {
    fileprivate var json: JSONValue {
        let targets = destinations.map { target in
            JSONValue.present([
                ("IP", .string(target.ip)),
                ("Ports", .present([("First", .integer(target.ports.first)), ("Last", .integer(target.ports.last))])),
            ])
        }
        let grants = capabilities.map { part in
            JSONValue.present([("Dsts", .texts(part.destinations)), ("CapMap", part.capabilities.json)])
        }
        return .present([
            ("SrcIPs", .texts(sources.strings)), ("DstPorts", .array(targets)),
            ("IPProto", .array(protocols.map { .integer($0) })), ("CapGrant", .array(grants)),
        ])
    }
}

extension [PacketFilterRule.Capability] {
    fileprivate var json: JSONValue {
        .object(map { .init(name: $0.name, value: $0.values.map(JSONValue.array) ?? .null) })
    }
}

extension SSHPolicyRule {
    fileprivate func json(server: String) -> JSONValue {
        let mappings = users.map { JSONValue.Member(name: $0.requested, value: .string($0.local)) }
        return .present([
            ("principals", .array(principals.map { .present([("nodeIP", .string($0.description))]) })),
            ("sshUsers", .object(mappings)), ("acceptEnv", .texts(acceptEnv)), ("action", actionJSON(server: server)),
        ])
    }

    private func actionJSON(server: String) -> JSONValue {
        let (names, recording): ([(String, JSONValue)], (recorders: [IPAddress], isDemanded: Bool)) =
            switch action {
            case .accept(let recorders, let mustRecord):
                (
                    [
                        ("accept", .bool(true)), ("allowAgentForwarding", .bool(true)),
                        ("allowLocalPortForwarding", .bool(true)), ("allowRemotePortForwarding", .bool(true)),
                    ], (recorders, mustRecord)
                )
            case .check(_, let recorders, let mustRecord):
                ([("holdAndDelegate", .string(Self.holdAndDelegateURL(server: server)))], (recorders, mustRecord))
            }
        guard !recording.recorders.isEmpty else { return .present(names) }
        // Recorders listen where tsrecorder does: port 80 of their tailnet addresses.
        let recorders = recording.recorders.map { IPEndpoint(address: $0, port: 80).description }
        let refusal = JSONValue.present([
            ("RejectSessionWithMessage", .string("the session cannot be recorded")),
            ("TerminateSessionWithMessage", .string("the session can no longer be recorded")),
        ])
        let failure: [(String, JSONValue)] = recording.isDemanded ? [("onRecordingFailure", refusal)] : []
        return .present(names + [("recorders", .texts(recorders))] + failure)
    }
}

extension JSONValue {
    /// An object without the members that are empty lists, empty objects or null.
    fileprivate static func present(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(
            members.compactMap { name, value in
                switch value {
                case .null, .array([]), .object([]): nil
                default: .init(name: name, value: value)
                }
            }
        )
    }

    fileprivate static func texts(_ values: [some CustomStringConvertible]) -> JSONValue {
        .array(values.map { .string($0.description) })
    }

    fileprivate static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number("\(value)")
    }
}
