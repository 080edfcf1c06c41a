import IPAddresses

/// `tests` and `sshTests`; what they name is looked at when they run.
extension PolicyReader {
    mutating func readTests(_ value: HuJSON) {
        for item in items(of: value) {
            let fields = ["src", "proto", "accept", "deny", "allow", "srcPostureAttrs"]
            let test = members(of: item, known: fields, in: "a test", allowsComments: true)
            let accept = destinations(test["accept"]) + destinations(test["allow"])
            document.tests.append(
                AccessTest(
                    source: test["src"].flatMap { string($0) }?.trimmed ?? "",
                    protocol: test["proto"].flatMap { string($0) }?.trimmed ?? "",
                    accept: accept,
                    deny: destinations(test["deny"]),
                    sourceAttributes: attributes(test["srcpostureattrs"]),
                    position: item.position
                )
            )
        }
    }

    mutating func readSSHTests(_ value: HuJSON) {
        for item in items(of: value) {
            let fields = ["src", "dst", "accept", "deny", "check"]
            let test = members(of: item, known: fields, in: "an SSH test", allowsComments: true)
            let targets = destinations(test["dst"])
            for target in targets { requireSSHTestTarget(target) }
            let lists = ["accept", "deny", "check"].map { name in
                strings(test[name]).map { ($0.text.trimmed, $0.place) }
            }
            for (user, place) in lists.joined() where ["", "*"].contains(user) {
                fault(place, user, "user \"\(user)\" is not valid")
            }
            document.sshTests.append(
                SSHTest(
                    source: test["src"].flatMap { string($0) }?.trimmed ?? "",
                    destinations: targets,
                    accept: lists[0].map(\.0),
                    deny: lists[1].map(\.0),
                    check: lists[2].map(\.0),
                    position: item.position
                )
            )
        }
    }

    private mutating func destinations(_ value: HuJSON?) -> [AccessTest.Destination] {
        strings(value).map { .init(text: $0.text.trimmed, position: $0.place.position) }
    }

    private mutating func requireSSHTestTarget(_ target: AccessTest.Destination) {
        let text = target.text
        let place = HuJSON(content: .null, position: target.position)
        if text.hasPrefix("tag:") {
            guard document.tagOwners[text] == nil else { return }
            let guess = guess(text, among: document.tagOwners.keys.sorted())
            fault(place, text, "SSH tests dst contains unknown tag \"\(text)\"", guess)
        } else if text == "*" || ["autogroup:internet", "autogroup:danger-all"].contains(text)
            || IPPrefix(text).map({ !$0.isSingle }) ?? false
        {
            fault(place, text, "SSH tests dst contains disallowed element \"\(text)\"")
        }
    }

    private mutating func attributes(_ value: HuJSON?) -> [String: PostureValue] {
        var result: [String: PostureValue] = [:]
        for entry in value.map({ entries(of: $0) }) ?? [] {
            switch entry.value.content {
            case .string(let text): result[entry.name] = .string(text)
            case .bool(let flag): result[entry.name] = .bool(flag)
            case .number(let text): result[entry.name] = Double(text).map(PostureValue.number)
            case .null: continue
            case .array, .object: mismatch(entry.value, "a string, a number or a boolean")
            }
        }
        return result
    }
}
