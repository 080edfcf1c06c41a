import IPAddresses

/// `acls` and `grants`.
extension PolicyReader {
    mutating func readAccessRules(_ value: HuJSON) {
        document.hasRules = true
        for (index, item) in items(of: value).enumerated() {
            let fields = ["action", "proto", "src", "dst", "srcPosture"]
            let rule = members(of: item, known: fields, in: "an access rule", allowsComments: true)
            let origin = Grant.Origin(section: .acls, index: index, position: item.position)
            readAction(rule["action"], of: item)
            let proto = readProtocol(rule["proto"])
            var sources: [Alias] = []
            for (text, place) in strings(rule["src"]) {
                if let source = alias(text, at: place, as: .accessSource) { sources.append(source) }
            }
            let destinations = readTargets(rule["dst"], proto: proto)
            requireOwnSources(sources, for: destinations.map(\.alias), at: item, allowsWildcard: true)
            let posture = rule["srcposture"].map { postureNames($0) } ?? document.defaultSourcePosture
            for target in Self.ownLast(destinations) {
                document.grants.append(
                    Grant(
                        sources: sources,
                        destinations: [target.alias],
                        ip: [.init(protocol: proto, ports: target.ports)],
                        sourcePosture: posture,
                        origin: origin
                    )
                )
            }
        }
    }

    private mutating func readAction(_ value: HuJSON?, of rule: HuJSON) {
        guard let value else { return fault(rule, "", "action must be specified", "write \"action\": \"accept\"") }
        guard let action = string(value), action != "accept" else { return }
        fault(
            value,
            action,
            "action=\"\(action)\" is not supported",
            "what is not accepted is denied: leave the rule out"
        )
    }

    private mutating func readProtocol(_ value: HuJSON?) -> IPProtocol? {
        guard let value else { return nil }
        guard let text = string(value) else { return nil }
        switch IPProtocol.parse(text.trimmed) {
        case .success(let proto): return proto
        case .failure(let failure):
            fault(value, text, failure.message, guess(text, among: IPProtocol.names.keys.sorted()))
            return nil
        }
    }

    /// Rules that also name other things take `autogroup:self` last.
    private static func ownLast(
        _ targets: [(alias: Alias, ports: [PortRange])]
    ) -> [(alias: Alias, ports: [PortRange])] {
        let namesOthers = targets.contains {
            if case .autogroup = $0.alias { return false }
            return true
        }
        guard namesOthers else { return targets }
        let isOwn: (Alias) -> Bool = { $0 == .autogroup(.own) }
        return targets.filter { !isOwn($0.alias) } + targets.filter { isOwn($0.alias) }
    }

    private mutating func readTargets(_ value: HuJSON?, proto: IPProtocol?) -> [(alias: Alias, ports: [PortRange])] {
        var targets: [(alias: Alias, ports: [PortRange])] = []
        for (text, item) in strings(value) {
            let written = text.trimmed
            do throws(WordingError) {
                let (name, portText) = try Self.splitPorts(written)
                let ports: [PortRange]
                do throws(WordingError) { ports = try PortRange.list(portText) } catch {
                    throw WordingError("dst=\"\(written)\": \(error.message)")
                }
                if let proto, !proto.hasPorts, ports != [.all] {
                    throw WordingError("dst=\"\(written)\": protocol does not support specific ports")
                }
                if let alias = alias(name, at: item, as: .accessDestination) { targets.append((alias, ports)) }
            } catch {
                fault(item, written, error.message)
            }
        }
        return targets
    }

    /// Cuts at the last colon; IPv6 addresses may stand in brackets, and nothing else may.
    static func splitPorts(_ text: String) throws(WordingError) -> (name: String, ports: String) {
        guard let colon = text.lastIndex(of: ":") else {
            throw WordingError("dst=\"\(text)\": missing port: write \"\(text):*\" for all ports")
        }
        let (name, ports) = (String(text[..<colon]), String(text[text.index(after: colon)...]))
        guard name.hasPrefix("[") else {
            guard !name.isEmpty, !["tag", "group", "autogroup", "ipset"].contains(name) else {
                throw WordingError("dst=\"\(text)\": missing port: write \"\(text):*\" for all ports")
            }
            return (name, ports)
        }
        guard let close = name.firstIndex(of: "]") else { throw WordingError("dst=\"\(text)\": missing ']'") }
        let inner = name[name.index(after: name.startIndex)..<close]
        guard IPv6Address(inner) != nil else {
            throw WordingError("dst=\"\(text)\": only IPv6 addresses stand in brackets")
        }
        return (String(inner) + name[name.index(after: close)...], ports)
    }

    /// `autogroup:self` speaks of the nodes of the user who comes, so only users may come.
    mutating func requireOwnSources(
        _ sources: [Alias],
        for destinations: [Alias],
        at rule: HuJSON,
        allowsWildcard: Bool
    ) {
        guard destinations.contains(.autogroup(.own)) else { return }
        let isFitting = sources.allSatisfy { source in
            switch source {
            case .user, .userDomain, .group: true
            case .autogroup(let group): group == .member || group.role != nil
            case .wildcard: allowsWildcard
            case .tag, .host, .prefix, .ipset: false
            }
        }
        guard !isFitting else { return }
        let message = "autogroup:self can only be used with users, groups, or supported autogroups"
        fault(rule, "autogroup:self", message, "write \"autogroup:member\" as source")
    }
}
