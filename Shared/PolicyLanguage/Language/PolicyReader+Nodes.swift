import IPAddresses

/// `nodeAttrs` and `autoApprovers`.
extension PolicyReader {
    mutating func readNodeAttributes(_ value: HuJSON) {
        for item in items(of: value) {
            let rule = members(
                of: item,
                known: ["target", "attr", "app", "ipPool"],
                in: "nodeAttrs",
                allowsComments: true
            )
            var targets: [Alias] = []
            for (text, place) in strings(rule["target"]) {
                if let target = alias(text, at: place, as: .attributeTarget) { targets.append(target) }
            }
            var attributes: [String] = []
            for (text, place) in strings(rule["attr"]) {
                if text.trimmed.isEmpty { fault(place, text, "attr values cannot be empty") }
                attributes.append(text.trimmed)
            }
            var app: [Grant.Capability] = []
            for entry in rule["app"].map({ entries(of: $0) }) ?? [] {
                app.append(.init(name: entry.name, values: items(of: entry.value).map(\.plain)))
            }
            document.nodeAttributes.append(
                NodeAttributeRule(
                    targets: targets,
                    attributes: attributes,
                    app: app,
                    ipPool: readPool(rule["ippool"]),
                    position: item.position
                )
            )
        }
    }

    private mutating func readPool(_ value: HuJSON?) -> [IPPrefix] {
        let reserved = ["100.100.0.0/24", "100.100.100.0/24", "100.115.92.0/23"].compactMap { IPPrefix($0) }
        var pool: [IPPrefix] = []
        for (text, item) in strings(value) {
            guard let prefix = IPPrefix(text.trimmed)?.masked else {
                fault(item, text, "ipPool: \"\(text)\": invalid prefix")
                continue
            }
            guard IPPrefix("100.64.0.0/10")?.contains(prefix) == true else {
                fault(item, text, "ipPool: \"\(text)\": must be inside 100.64.0.0/10")
                continue
            }
            if let taken = reserved.first(where: { $0.overlaps(prefix) }), prefix.length >= taken.length {
                fault(item, text, "ipPool: \"\(text)\": overlaps the reserved range \(taken)")
            }
            pool.append(prefix)
        }
        return pool
    }

    mutating func readAutoApprovers(_ value: HuJSON) {
        let section = members(of: value, known: ["routes", "exitNode"], in: "autoApprovers")
        for entry in section["routes"].map({ entries(of: $0) }) ?? [] {
            guard let prefix = Self.prefix(entry.name.trimmed) else {
                let place = HuJSON(content: .null, position: entry.position)
                fault(place, entry.name, "autoApprovers: \"\(entry.name)\": invalid prefix")
                continue
            }
            document.autoApprovers.routes.append(.init(prefix: prefix, approvers: approvers(entry.value)))
        }
        if let exit = section["exitnode"] { document.autoApprovers.exitNode = approvers(exit) }
    }

    private mutating func approvers(_ value: HuJSON) -> [Alias] {
        var result: [Alias] = []
        for (text, item) in strings(value) {
            if let approver = alias(text, at: item, as: .owner) { result.append(approver) }
        }
        return result
    }
}
