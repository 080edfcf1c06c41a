import IPAddresses

/// Turns a HuJSON tree into a policy and collects everything that is wrong with it.
struct PolicyReader {
    var document = PolicyDocument()
    var faults: [PolicyFault] = []

    static let sections = [
        "acls", "attrConfig", "autoApprovers", "defaultSrcPosture", "derpMap", "disableIPv4", "grants", "groups",
        "hosts", "ipsets", "nodeAttrs", "OneCGNATRoute", "postures", "randomizeClientPort", "ssh", "sshTests",
        "tagOwners", "tests",
    ]

    /// Names first, rules after them, so that rules may stand before the names they use.
    mutating func read(_ root: HuJSON) {
        let members = members(of: root, known: Self.sections, in: "the policy")
        readNames(members)
        if let value = members["acls"] { readAccessRules(value) }
        if let value = members["grants"] { readGrants(value) }
        if let value = members["ssh"] { readSSH(value) }
        if let value = members["nodeattrs"] { readNodeAttributes(value) }
        if let value = members["autoapprovers"] { readAutoApprovers(value) }
        if let value = members["tests"] { readTests(value) }
        if let value = members["sshtests"] { readSSHTests(value) }
        document.randomizeClientPort = flag(members["randomizeclientport"])
        document.disableIPv4 = flag(members["disableipv4"])
        document.derpMap = structure(members["derpmap"])
        document.attributeConfiguration = structure(members["attrconfig"])
        if let value = members["onecgnatroute"], let text = string(value), !text.isEmpty {
            if ["mac-always", "mac-never"].contains(text) {
                document.oneCGNATRoute = text
            } else {
                fault(value, text, "OneCGNATRoute must be \"mac-always\", \"mac-never\" or empty")
            }
        }
    }

    private mutating func readNames(_ members: [String: HuJSON]) {
        if let value = members["hosts"] { readHosts(value) }
        if let value = members["ipsets"] { readIPSets(value) }
        if let value = members["postures"] { readPostures(value) }
        if let value = members["groups"] { readGroups(value) }
        if let value = members["tagowners"] { readTagOwners(value) }
        if let value = members["defaultsrcposture"] { document.defaultSourcePosture = postureNames(value) }
    }

    mutating func fault(_ place: HuJSON, _ text: String, _ message: String, _ suggestion: String? = nil) {
        faults.append(PolicyFault(position: place.position, text: text, message: message, suggestion: suggestion))
    }

    /// How many faults come with a guess.
    private static let guessLimit = 20

    /// "did you mean" and the nearest name; looked for only for the first faults, so that many stay cheap.
    func guess(_ text: String, among names: @autoclosure () -> [String]) -> String? {
        faults.count < Self.guessLimit ? meant(text, among: names()) : nil
    }

    mutating func mismatch(_ value: HuJSON, _ wanted: String) {
        fault(value, value.excerpt, "expected \(wanted), found \(value.kind)")
    }

    /// The members of an object by lower-case name; `null` members and, where asked, comments (`#…`) are left out.
    mutating func members(
        of value: HuJSON,
        known: [String],
        in place: String,
        allowsComments: Bool = false
    ) -> [String: HuJSON] {
        guard case .object(let list) = value.content else {
            if value.content != .null { mismatch(value, "an object") }
            return [:]
        }
        let names = Set(known.map { $0.lowercased() })
        var result: [String: HuJSON] = [:]
        var seen: Set<String> = []
        for member in list {
            if allowsComments, member.name.hasPrefix("#") { continue }
            let name = member.name.lowercased()
            let here = HuJSON(content: .null, position: member.position)
            guard names.contains(name) else {
                fault(
                    here,
                    member.name,
                    "unknown field: \"\(member.name)\" in \(place)",
                    guess(member.name, among: known)
                )
                continue
            }
            guard seen.insert(name).inserted else {
                fault(here, member.name, "duplicate object member name \"\(member.name)\"")
                continue
            }
            if member.value.content != .null { result[name] = member.value }
        }
        return result
    }

    /// The members of a map from names chosen by the author.
    mutating func entries(of value: HuJSON) -> [HuJSON.Member] {
        switch value.content {
        case .object(let list): return list
        case .null: return []
        case .array, .bool, .number, .string:
            mismatch(value, "an object")
            return []
        }
    }

    mutating func items(of value: HuJSON?) -> [HuJSON] {
        guard let value else { return [] }
        switch value.content {
        case .array(let items): return items
        case .null: return []
        case .object, .bool, .number, .string:
            mismatch(value, "an array")
            return []
        }
    }

    mutating func string(_ value: HuJSON) -> String? {
        guard case .string(let text) = value.content else {
            mismatch(value, "a string")
            return nil
        }
        return text
    }

    mutating func strings(_ value: HuJSON?) -> [(text: String, place: HuJSON)] {
        var result: [(text: String, place: HuJSON)] = []
        for item in items(of: value) {
            if let text = string(item) { result.append((text, item)) }
        }
        return result
    }

    mutating func flag(_ value: HuJSON?) -> Bool {
        guard let value else { return false }
        guard case .bool(let isOn) = value.content else {
            mismatch(value, "true or false")
            return false
        }
        return isOn
    }

    private mutating func structure(_ value: HuJSON?) -> JSONValue? {
        guard let value else { return nil }
        guard case .object = value.content else {
            mismatch(value, "an object")
            return nil
        }
        return value.plain
    }
}
