import IPAddresses

/// The sections that give names to things: hosts, IP sets, postures, groups, tag owners.
extension PolicyReader {
    mutating func readHosts(_ value: HuJSON) {
        for entry in entries(of: value) {
            let name = entry.name.trimmed
            guard let text = string(entry.value) else { continue }
            if name.isEmpty || name.contains(":") || name.contains("@") || name == "*" {
                fault(HuJSON(content: .null, position: entry.position), name, "invalid host name \"\(name)\"")
            }
            guard let prefix = Self.prefix(text.trimmed) else {
                fault(entry.value, text, "hosts[\"\(name)\"]: \"\(text)\": invalid address")
                continue
            }
            document.hosts[name] = prefix
        }
    }

    /// An address or a prefix, with its host bits cleared.
    static func prefix(_ text: String) -> IPPrefix? {
        if let prefix = IPPrefix(text) { return prefix.masked }
        return IPAddress(text).map { IPPrefix(single: $0) }
    }

    mutating func readPostures(_ value: HuJSON) {
        for entry in entries(of: value) {
            let place = HuJSON(content: .null, position: entry.position)
            if !entry.name.hasPrefix("posture:") || entry.name == "posture:" {
                fault(place, entry.name, "posture name must start with 'posture:', got: \"\(entry.name)\"")
            }
            var conditions: [PostureCondition] = []
            for (text, item) in strings(entry.value) {
                guard let condition = PostureCondition(text) else {
                    fault(item, text, "posture \"\(entry.name)\": invalid condition \"\(text)\"")
                    continue
                }
                conditions.append(condition)
            }
            document.postures[entry.name] = conditions
        }
    }

    mutating func postureNames(_ value: HuJSON?) -> [String] {
        var names: [String] = []
        for (text, item) in strings(value) {
            if document.postures[text] == nil {
                fault(item, text, "posture not found: \"\(text)\"", guess(text, among: document.postures.keys.sorted()))
            }
            names.append(text)
        }
        return names
    }

    mutating func readGroups(_ value: HuJSON) {
        let entries = entries(of: value)
        guard entries.count <= PolicyDocument.groupLimit else {
            return fault(value, "", "\(entries.count) groups, more than \(PolicyDocument.groupLimit)")
        }
        for entry in entries {
            let place = HuJSON(content: .null, position: entry.position)
            let name = entry.name.trimmed
            if !name.hasPrefix("group:") || name == "group:" {
                fault(place, name, "group name must start with 'group:', got: \"\(name)\"")
            }
            var members: [Alias] = []
            var providerGroups: [String] = []
            for (text, item) in strings(entry.value) {
                let member = text.trimmed
                // Before the `@`: what providers call their groups may have one. No user's name has a colon.
                if member.hasPrefix(Self.providerPrefix) {
                    let group = String(member.dropFirst(Self.providerPrefix.count))
                    if group.isEmpty { fault(item, member, "groups[\"\(name)\"]: \"\(member)\": names no group") }
                    providerGroups.append(group)
                } else if member.hasPrefix("group:") {
                    fault(item, member, "groups[\"\(name)\"]: \"\(member)\": group members cannot be recursive")
                } else if !member.contains("@") {
                    let message = "groups[\"\(name)\"]: \"\(member)\": a member must be a user name with an '@'"
                    fault(item, member, message, member.contains(":") ? nil : "write \"\(member)@\"")
                } else {
                    members.append(Self.user(member))
                }
            }
            document.groups[name] = members
            if !providerGroups.isEmpty { document.providerGroups[name] = providerGroups }
        }
    }

    /// What stands before the name of a login provider's group.
    private static let providerPrefix = "oidc:"

    static func user(_ text: String) -> Alias {
        text.hasPrefix("user:*@") ? .userDomain(text.dropFirst("user:*@".count).lowercased()) : .user(text)
    }

    mutating func readTagOwners(_ value: HuJSON) {
        let list = entries(of: value)
        for entry in list {
            let name = entry.name.trimmed
            let letter = name.utf8.dropFirst("tag:".utf8.count).first
            let startsWell = letter.map { (65...90).contains($0) || (97...122).contains($0) } ?? false
            if !name.hasPrefix("tag:") || !startsWell {
                let place = HuJSON(content: .null, position: entry.position)
                let message = "invalid tag \"\(name)\": a tag is 'tag:' and a name that starts with a letter"
                fault(place, name, message, name.hasPrefix("tag:") ? nil : "write \"tag:\(name)\"")
            }
            document.tagOwners[name] = []
        }
        for entry in list {
            var owners: [Alias] = []
            for (text, item) in strings(entry.value) {
                if let owner = alias(text, at: item, as: .owner) { owners.append(owner) }
            }
            document.tagOwners[entry.name.trimmed] = owners
        }
        refuseCircularOwners(list)
    }

    /// Tags that own each other in a circle own nothing; a tag that owns itself is harmless, as at the service.
    private mutating func refuseCircularOwners(_ list: [HuJSON.Member]) {
        var settled: Set<String> = []
        for entry in list {
            var path: [String] = []
            var stack: [(tag: String, next: Int)] = [(entry.name.trimmed, 0)]
            if settled.contains(entry.name.trimmed) { continue }
            path.append(entry.name.trimmed)
            var onPath: Set<String> = [entry.name.trimmed]
            while let top = stack.last {
                let owners = document.tagOwners[top.tag] ?? []
                guard top.next < owners.count else {
                    stack.removeLast()
                    path.removeLast()
                    onPath.remove(top.tag)
                    settled.insert(top.tag)
                    continue
                }
                stack[stack.count - 1].next += 1
                guard case .tag(let owner) = owners[top.next], owner != top.tag, !settled.contains(owner) else {
                    continue
                }
                if onPath.contains(owner) {
                    let circle = (path.drop { $0 != owner } + [owner]).joined(separator: " -> ")
                    let place = HuJSON(content: .null, position: entry.position)
                    fault(place, entry.name, "circular reference in tagOwners: \(circle)")
                    return
                }
                stack.append((owner, 0))
                path.append(owner)
                onPath.insert(owner)
            }
        }
    }
}
