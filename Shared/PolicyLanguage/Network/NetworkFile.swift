import IPAddresses

extension PolicyNetwork {
    /// Reads a network from JSON, as the offline tools take it.
    ///
    /// - Shape: `users`: `[{id, name, email, role?, groups?}]`; `nodes`: `{name: {id?, hostname, tags, ipv4, ipv6, user,
    ///   routable_ips, approved_routes, attributes?}}` with the user's name; `domains`: `[…]`, by default those of the owner.
    ///   Other members are ignored.
    /// - Without any `role` the user with the lowest id is the owner and all others are administrators.
    /// - Nodes without `id` stand behind those with one; of them the one that announces the most routes is first, then the one
    ///   with the shorter name, then by name. Of several routers of one route the first in this order is used.
    /// - Errors: what cannot be read, with its place.
    public static func parse(_ bytes: [UInt8]) throws(PolicyErrors) -> PolicyNetwork {
        var reader = NetworkReader()
        return try reader.read(try HuJSON.parse(bytes))
    }
}

/// Reads a network file and collects what is wrong with it.
private struct NetworkReader {
    private var faults: [PolicyFault] = []
    private var usersByName: [String: Int64] = [:]

    mutating func read(_ root: HuJSON) throws(PolicyErrors) -> PolicyNetwork {
        requireShape(root)
        var users: [PolicyUser] = []
        var hasRoles = false
        for (index, item) in root.items("users").enumerated() {
            let role = item.text("role").flatMap { UserRole(rawValue: $0) }
            hasRoles = hasRoles || role != nil
            if role == nil, let text = item.text("role") { fault(item, "unknown role \"\(text)\"") }
            users.append(
                PolicyUser(
                    id: item.integer("id") ?? Int64(index) + 1,
                    name: item.text("name") ?? "",
                    email: item.text("email") ?? "",
                    role: role ?? .member,
                    groups: item.texts("groups")
                )
            )
        }
        if !hasRoles {
            let owner = users.map(\.id).min()
            for index in users.indices { users[index].role = users[index].id == owner ? .owner : .admin }
        }
        for user in users { usersByName[user.name] = user.id }
        let nodes = numbered(root.entries("nodes").map { (node($0), $0.value) })
        guard faults.isEmpty else { throw PolicyErrors(faults: faults) }
        guard root.member("domains") != nil else { return PolicyNetwork(users: users, nodes: nodes) }
        let domains = root.texts("domains").map { $0.lowercased() }
        return PolicyNetwork(users: users, nodes: nodes, domains: Set(domains))
    }

    private mutating func requireShape(_ root: HuJSON) {
        guard case .object(let members) = root.content else {
            return fault(root, "a network is an object with users and nodes")
        }
        for member in members {
            switch (member.name, member.value.content) {
            case ("users", .array), ("nodes", .object): continue
            case ("users", _): fault(member.value, "users must be an array of objects")
            case ("nodes", _): fault(member.value, "nodes must be an object: names of nodes to what they are")
            default: continue
            }
        }
    }

    /// Gives every node its id.
    ///
    /// Who joined first is not in the file where ids are missing. The order that is taken instead means nothing, but it is
    /// always the same, does not hang on the order of an object's members, and all captures of the service (which have no
    /// ids) come out in it.
    private mutating func numbered(_ list: [(node: PolicyNode, value: HuJSON)]) -> [PolicyNode] {
        var nodes: [PolicyNode] = []
        var unnumbered: [PolicyNode] = []
        var names: [Int64: String] = [:]
        for (node, value) in list {
            var node = node
            guard let given = value.member("id") else {
                unnumbered.append(node)
                continue
            }
            guard let id = value.integer("id"), Self.ids.contains(id) else {
                fault(given, "node \"\(node.name)\": an id is a whole number from 1 to \(Self.ids.upperBound)")
                continue
            }
            if let other = names.updateValue(node.name, forKey: id) {
                fault(given, "node \"\(node.name)\": has the id of \"\(other)\"")
            }
            node.id = id
            nodes.append(node)
        }
        var id = nodes.map(\.id).max() ?? 0
        for var node in unnumbered.sorted(by: { $0.fileRank < $1.fileRank }) {
            id += 1
            node.id = id
            nodes.append(node)
        }
        return nodes
    }

    /// As in `tailcfg.NodeID` where it stays a whole number in JSON.
    private static let ids: ClosedRange<Int64> = 1...1 << 53

    private mutating func node(_ entry: HuJSON.Member) -> PolicyNode {
        let value = entry.value
        var node = PolicyNode(id: 0, name: entry.name, tags: value.texts("tags"))
        if let name = value.text("user") {
            node.user = usersByName[name]
            if node.user == nil { fault(value, "node \"\(entry.name)\": unknown user \"\(name)\"") }
        }
        if let text = value.text("ipv4"), !text.isEmpty {
            node.ipv4 = IPv4Address(text)
            if node.ipv4 == nil { fault(value, "node \"\(entry.name)\": invalid IPv4 address \"\(text)\"") }
        }
        if let text = value.text("ipv6"), !text.isEmpty {
            node.ipv6 = IPv6Address(text)
            if node.ipv6 == nil { fault(value, "node \"\(entry.name)\": invalid IPv6 address \"\(text)\"") }
        }
        node.announcedRoutes = routes(value, "routable_ips", of: entry.name)
        node.approvedRoutes = routes(value, "approved_routes", of: entry.name)
        for attribute in value.entries("attributes") {
            switch attribute.value.content {
            case .string(let text): node.attributes[attribute.name] = .string(text)
            case .bool(let flag): node.attributes[attribute.name] = .bool(flag)
            case .number(let text): node.attributes[attribute.name] = Double(text).map(PostureValue.number)
            case .null, .array, .object: fault(attribute.value, "node \"\(entry.name)\": invalid attribute")
            }
        }
        return node
    }

    private mutating func routes(_ value: HuJSON, _ name: String, of node: String) -> [IPPrefix] {
        value.texts(name).compactMap { text in
            if let prefix = IPPrefix(text) { return prefix.masked }
            fault(value, "node \"\(node)\": invalid route \"\(text)\"")
            return nil
        }
    }

    private mutating func fault(_ place: HuJSON, _ message: String) {
        faults.append(PolicyFault(position: place.position, text: "", message: message))
    }
}

extension PolicyNode {
    fileprivate var fileRank: (Int, Int, String) { (-announcedRoutes.count, name.utf8.count, name) }
}

extension HuJSON {
    fileprivate func member(_ name: String) -> HuJSON? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    fileprivate func entries(_ name: String) -> [Member] {
        guard case .object(let members) = member(name)?.content else { return [] }
        return members
    }

    fileprivate func items(_ name: String) -> [HuJSON] {
        guard case .array(let items) = member(name)?.content else { return [] }
        return items
    }

    fileprivate func text(_ name: String) -> String? {
        guard case .string(let text) = member(name)?.content else { return nil }
        return text
    }

    fileprivate func texts(_ name: String) -> [String] {
        items(name).compactMap { item in
            guard case .string(let text) = item.content else { return nil }
            return text
        }
    }

    fileprivate func integer(_ name: String) -> Int64? {
        guard case .number(let text) = member(name)?.content else { return nil }
        return Int64(text)
    }
}
