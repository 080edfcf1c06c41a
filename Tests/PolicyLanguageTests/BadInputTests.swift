import PolicyLanguage
import Testing

@Suite("Large and hostile policies")
struct BadInputTests {
    @Test("100,000 groups are read")
    func groups() throws {
        var text = "{\"groups\": {"
        for number in 0..<100_000 { text += "\"group:g\(number)\": [\"u\(number)@example.com\"]," }
        text += "}, \"grants\": [{\"src\": [\"group:g99999\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}]}"
        let document = try PolicyDocument.parse(text)
        #expect(document.groups.count == 100_000)
        let network = PolicyNetwork(
            users: [PolicyUser(id: 1, name: "u99999", email: "u99999@example.com")],
            nodes: [PolicyNode(id: 1, name: "a", user: 1), PolicyNode(id: 2, name: "b", tags: ["tag:x"])]
        )
        #expect(PolicyEngine(document, for: network).areVisible(1, 2))
    }

    @Test("one group more is refused, with the limit")
    func tooManyGroups() {
        var text = "{\"groups\": {"
        for number in 0...PolicyDocument.groupLimit { text += "\"group:\(number)\":[]," }
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text + "}}") }
        #expect(error?.faults.map(\.message) == ["100001 groups, more than 100000"])
    }

    @Test("a policy of 10 MB is refused at once, with the limit")
    func tooLong() {
        let text = "{ // " + String(repeating: "x", count: 10_000_000) + "\n}"
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text) }
        #expect(error?.faults.count == 1)
        #expect(error?.faults.first?.message.hasSuffix("bytes, more than \(HuJSON.lengthLimit)") == true)
    }

    @Test(
        "an unknown section is refused with the nearest known name, in every section",
        arguments: ["grnats", "tagOwner"]
    )
    func unknownSection(name: String) {
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse("{\"\(name)\": []}") }
        #expect(error?.faults.first?.message.contains("unknown field: \"\(name)\"") == true)
        #expect(error?.faults.first?.suggestion?.contains(name == "grnats" ? "grants" : "tagOwners") == true)
    }

    @Test("a long circle of tag owners is found without deep recursion")
    func circle() {
        var text = "{\"tagOwners\": {"
        for number in 0..<20_000 { text += "\"tag:t\(number)\": [\"tag:t\((number + 1) % 20_000)\"]," }
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text + "}}") }
        #expect(error?.faults.first?.message.hasPrefix("circular reference in tagOwners") == true)
    }

    @Test("a tag that owns itself is no circle")
    func selfOwner() throws {
        #expect(try PolicyDocument.parse(#"{"tagOwners": {"tag:a": ["tag:a"]}}"#).tagOwners.count == 1)
    }

    @Test("many faults are counted, and the first hundred told")
    func manyFaults() {
        var text = "{\"acls\": ["
        for _ in 0..<5000 { text += "{\"action\": \"x\"}," }
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text + "]}") }
        #expect(error?.faults.count == PolicyErrors.limit)
        #expect(error?.omitted == 4900)
    }

    @Test("thousands of unknown names among thousands of known ones are refused without searching for each")
    func unknownNames() {
        var text = "{\"groups\": {"
        for number in 0..<5000 { text += "\"group:known\(number)\": []," }
        text += "}, \"grants\": [{\"ip\": [\"*\"], \"dst\": [\"*\"], \"src\": ["
        for number in 0..<5000 { text += "\"group:knwon\(number)\"," }
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text + "]}]}") }
        #expect(error?.faults.first?.suggestion?.contains("group:known") == true)
        #expect(error?.omitted == 4900)
    }

    @Test(
        "numbers out of range are refused, not wrapped",
        arguments: ["99999999999999999999", "65536", "-1", "4294967297", "18446744073709551617", "1-99999999"]
    )
    func numbers(ports: String) {
        #expect(throws: PolicyErrors.self) {
            try PolicyDocument.parse(#"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["\#(ports)"]}]}"#)
        }
        #expect(throws: PolicyErrors.self) {
            try PolicyDocument.parse(#"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["\#(ports):*"]}]}"#)
        }
    }

    @Test("any value in the place of a section is read or refused, never a trap")
    func shapes() {
        let sections = [
            "acls", "attrConfig", "autoApprovers", "defaultSrcPosture", "derpMap", "disableIPv4", "grants", "groups",
            "hosts",
            "ipsets", "nodeAttrs", "OneCGNATRoute", "postures", "randomizeClientPort", "ssh", "sshTests", "tagOwners",
            "tests",
        ]
        let values = [
            "null", "1", "true", "\"\"", "\"x\"", "[]", "{}", "[null]", "[[]]", "[{}]", "[\"\"]", "{\"\": \"\"}",
            "{\"\": [\"\"]}",
            "{\"a\": null}", "{\"a\": [null]}", "[{\"src\": [\"\"], \"dst\": [\":\"]}]",
            "[{\"src\": [\"@\"], \"dst\": [\"@:\"], \"ip\": [\":\"]}]",
            "[{\"dst\": [\"[\"]}]", "[{\"dst\": [\"[]:1\"]}]", "[{\"users\": [\"localpart:*@\"]}]",
            "[{\"checkPeriod\": \"h\", \"action\": \"check\"}]",
            "{\"group:\": []}", "{\"tag:\": []}", "{\"ipset:\": [\"-\"]}", "{\"posture:\": [\"'\"]}",
            "{\"posture:a\": [\"node:os IN ['a',\"]}",
        ]
        let network = PolicyNetwork(
            users: [PolicyUser(id: 1, name: "", email: "")],
            nodes: [PolicyNode(id: 1, name: "", user: 1)]
        )
        for section in sections {
            for value in values {
                _ = try? PolicyEngine.checked(Array("{\"\(section)\": \(value)}".utf8), for: network)
            }
        }
    }

    @Test("a policy cut anywhere is refused, and none of its words in another place traps")
    func words() throws {
        let text =
            #"{"groups":{"group:a":["a@b.c"]},"tagOwners":{"tag:t":["group:a"]},"acls":[{"action":"accept","src":["group:a"],"dst":["tag:t:1-2,3","autogroup:self:*"]}],"ssh":[{"action":"check","checkPeriod":"1h","src":["group:a"],"dst":["tag:t"],"users":["localpart:*@b.c"]}],"tests":[{"src":"a@b.c","accept":["tag:t:1"]}]}"#
        let network = PolicyNetwork(users: [PolicyUser(id: 1, name: "a", email: "a@b.c", role: .owner)], nodes: [])
        let bytes = Array(text.utf8)
        _ = try PolicyEngine.checked(bytes, for: network)
        for length in 1..<bytes.count {
            #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(Array(bytes.prefix(length))) }
        }
        var random = SplitMix(3)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let (from, to) = (
                    Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<bytes.count, using: &random)
                )
                changed[to] = bytes[from]
            }
            _ = try? PolicyEngine.checked(changed, for: network)
        }
    }
}
