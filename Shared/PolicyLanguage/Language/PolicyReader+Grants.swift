import IPAddresses

/// `grants`.
extension PolicyReader {
    mutating func readGrants(_ value: HuJSON) {
        document.hasRules = true
        var grants: [Grant] = []
        for (index, item) in items(of: value).enumerated() {
            let fields = ["src", "dst", "ip", "app", "via", "srcPosture"]
            let rule = members(of: item, known: fields, in: "a grant", allowsComments: true)
            var sources: [Alias] = []
            for (text, place) in strings(rule["src"]) {
                if let source = alias(text, at: place, as: .grantSource) { sources.append(source) }
            }
            var destinations: [Alias] = []
            for (text, place) in strings(rule["dst"]) {
                if let target = alias(text, at: place, as: .grantDestination) { destinations.append(target) }
            }
            let (services, app) = (readServices(rule["ip"]), readApp(rule["app"]))
            if services.isEmpty, app.isEmpty, items(of: rule["ip"]).isEmpty, rule["app"] == nil || isEmpty(rule["app"])
            {
                fault(item, "", "ip and app can not both be empty", "write \"ip\": [\"*\"] for all ports")
            }
            if !app.isEmpty, destinations.contains(.autogroup(.internet)) {
                fault(item, "autogroup:internet", "cannot use app grants with autogroup:internet")
            }
            requireOwnSources(sources, for: destinations, at: item, allowsWildcard: false)
            let posture = rule["srcposture"].map { postureNames($0) } ?? document.defaultSourcePosture
            let origin = Grant.Origin(section: .grants, index: index, position: item.position)
            grants.append(
                Grant(
                    sources: sources,
                    destinations: destinations,
                    ip: services,
                    app: app,
                    via: readVia(rule["via"]),
                    sourcePosture: posture,
                    origin: origin
                )
            )
        }
        document.grants = grants + document.grants
    }

    private func isEmpty(_ value: HuJSON?) -> Bool {
        guard case .object(let members) = value?.content else { return false }
        return members.isEmpty
    }

    private mutating func readServices(_ value: HuJSON?) -> [Grant.Service] {
        var services: [Grant.Service] = []
        for (text, item) in strings(value) {
            do throws(WordingError) { services.append(try Self.service(text.trimmed)) } catch {
                fault(item, text, error.message)
            }
        }
        return services
    }

    /// `*`, `ports`, or `protocol:ports`.
    private static func service(_ text: String) throws(WordingError) -> Grant.Service {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            guard parts.count == 1 else {
                throw WordingError("ip=\"\(text)\": expected \"ports\" or \"protocol:ports\"")
            }
            return Grant.Service(protocol: nil, ports: try PortRange.list(text))
        }
        let proto: IPProtocol?
        switch IPProtocol.parse(String(parts[0]).trimmed) {
        case .success(let parsed): proto = parsed
        case .failure(let failure): throw WordingError(failure.message)
        }
        guard let proto else { throw WordingError("ip=\"\(text)\": missing protocol") }
        let ports = try PortRange.list(String(parts[1]).trimmed)
        if !proto.hasPorts, ports != [.all] {
            throw WordingError("ip=\"\(text)\": protocol does not support specific ports")
        }
        return Grant.Service(protocol: proto, ports: ports)
    }

    private mutating func readVia(_ value: HuJSON?) -> [String] {
        var tags: [String] = []
        for (text, item) in strings(value) {
            let name = text.trimmed
            if !name.hasPrefix("tag:") {
                fault(item, name, "via can only be a tag")
            } else if document.tagOwners[name] == nil {
                let guess = guess(name, among: document.tagOwners.keys.sorted())
                fault(item, name, "tag \"\(name)\" not found", guess)
            } else {
                tags.append(name)
            }
        }
        return tags
    }

    /// Capabilities of Tailscale's own domain that a policy may give.
    private static let ownCapabilities: Set<String> = ["drive", "kubernetes", "relay", "secrets", "tsidp", "webui"]

    mutating func readApp(_ value: HuJSON?) -> [Grant.Capability] {
        guard let value else { return [] }
        var capabilities: [Grant.Capability] = []
        for entry in entries(of: value) {
            let place = HuJSON(content: .null, position: entry.position)
            let name = entry.name.trimmed
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count != 2 || parts.contains("") || name.contains("://") || !parts[0].contains(".") {
                fault(place, name, "capability name must have the form {domain}/{path}")
            } else if parts[0] == "tailscale.com" || parts[0].hasSuffix(".tailscale.com") {
                let short = parts[1].hasPrefix("cap/") ? String(parts[1].dropFirst(4)) : ""
                if !Self.ownCapabilities.contains(short) {
                    fault(place, name, "capability name must not be in the tailscale.com domain")
                }
            }
            capabilities.append(.init(name: name, values: items(of: entry.value).map(\.plain)))
        }
        return capabilities
    }
}
