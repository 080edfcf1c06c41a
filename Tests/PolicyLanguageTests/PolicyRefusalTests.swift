import PolicyLanguage
import Testing

@Suite("Refused policies")
struct PolicyRefusalTests {
    private static let names = #"""
        "groups": {"group:dev": ["a@example.com"]}, "hosts": {"web": "10.0.0.1"},
        "tagOwners": {"tag:server": ["a@example.com"], "tag:client": ["group:dev"]},
        "postures": {"posture:mac": ["node:os == 'macos'"]}, "ipsets": {"ipset:lan": ["10.0.0.0/8"]},

        """#

    private func faults(_ sections: String) -> [PolicyFault] {
        do throws(PolicyErrors) {
            _ = try PolicyDocument.parse("{" + Self.names + sections + "}")
            return []
        } catch { return error.faults }
    }

    private func expect(_ sections: String, _ message: String) {
        let found = faults(sections)
        #expect(found.contains { $0.message.contains(message) }, "wanted \(message)\ngot \(found)")
    }

    static func acl(_ src: String, _ dst: String, _ more: String = "") -> String {
        #""acls": [{"action": "accept", "src": ["\#(src)"], "dst": ["\#(dst)"]\#(more)}]"#
    }

    static func grant(_ src: String, _ dst: String, _ more: String = #", "ip": ["*"]"#) -> String {
        #""grants": [{"src": ["\#(src)"], "dst": ["\#(dst)"]\#(more)}]"#
    }

    @Test("nothing is wrong with what the other tests vary")
    func sound() {
        for rule in [
            Self.acl("group:dev", "tag:server:22"), Self.acl("web", "[fd00::1]:22"),
            Self.acl("ipset:lan", "fd00::1:22"),
            Self.grant("autogroup:admin", "ipset:lan"), Self.grant("*", "*", #", "ip": ["tcp:80-90,443"]"#),
            Self.grant(
                "tag:client",
                "web",
                #", "ip": ["icmp:*"], "via": ["tag:server"], "srcPosture": ["posture:mac"]"#
            ),
        ] { #expect(faults(rule).isEmpty, "\(rule): \(faults(rule))") }
    }

    @Test(
        "rules",
        arguments: [
            (acl("tag:none", "*:*"), #"src=tag not found: "tag:none""#),
            (acl("*", "tag:none:22"), #"dst="tag:none": tag not found: "tag:none""#),
            (grant("*", "tag:none"), #"tag not found: "tag:none""#),
            (acl("group:none", "*:*"), #"group not found: "group:none""#),
            (acl("ipset:none", "*:*"), #"ipset not found: "ipset:none""#),
            (acl("nohost", "*:*"), #""nohost": invalid address"#),
            (acl("autogroup:bogus", "*:*"), #"invalid autogroup "autogroup:bogus""#),
            (acl("autogroup:self", "*:*"), #""autogroup:self" not valid on the src side of a rule"#),
            (acl("autogroup:internet", "*:*"), #""autogroup:internet" not valid on the src side of a rule"#),
            (acl("*", "autogroup:danger-all:*"), "cannot use autogroup:danger-all as a dst"),
            (acl("tag:client", "autogroup:self:*"), "autogroup:self can only be used with users, groups, or supported"),
            (grant("*", "autogroup:self"), "autogroup:self can only be used with users, groups, or supported"),
            (grant("*", "0.0.0.0/0"), #"dst "0.0.0.0/0": to allow all IP addresses, use "*" or "autogroup:internet""#),
            (acl("*", "tag:server:ssh"), #"dst="tag:server:ssh": port range "ssh": invalid first integer"#),
            (acl("*", "tag:server:0"), "first port must be >0, or use '*' for wildcard"),
            (acl("*", "tag:server:9-8"), #"port range "9-8""#),
            (acl("*", "tag:server:1-x"), #"port range "1-x": invalid last integer"#),
            (acl("*", "tag:server:70000"), "invalid first integer"),
            (acl("*", "tag:server"), "missing port"),
            (acl("*", "[10.0.0.1]:22"), "only IPv6 addresses stand in brackets"),
            (acl("*", "[fd00::1:22"), "missing ']'"),
            (acl("*", "web:22", #", "proto": "icmp""#), "protocol does not support specific ports"),
            (acl("*", "web:22", #", "proto": "tpc""#), #"unknown protocol "tpc""#),
            (acl("*", "web:22", #", "proto": "06""#), "without leading zeros"),
            (acl("*", "web:*", #", "proto": "256""#), "the number must be 1 to 255"),
            (acl("*", "web:*", #", "proto": "*""#), "unknown protocol"),
            (grant("*", "*", ""), "ip and app can not both be empty"),
            (grant("*", "*", #", "ip": ["icmp"]"#), #"port range "icmp": invalid first integer"#),
            (grant("*", "*", #", "ip": ["*"], "via": ["autogroup:tagged"]"#), "via can only be a tag"),
            (grant("*", "*", #", "ip": ["*"], "via": ["tag:none"]"#), #"tag "tag:none" not found"#),
            (grant("*", "*", #", "app": {"nocap": [{}]}"#), "capability name must have the form {domain}/{path}"),
            (grant("*", "*", #", "app": {"https://example.com/x": [{}]}"#), "capability name must have the form"),
            (
                grant("*", "*", #", "app": {"tailscale.com/cap/funnel": [{}]}"#),
                "must not be in the tailscale.com domain"
            ),
            (
                grant("*", "autogroup:internet", #", "app": {"example.com/x": [{}]}"#),
                "cannot use app grants with autogroup:internet"
            ),
            (grant("*", "*", #", "ip": ["*"], "srcPosture": ["posture:none"]"#), #"posture not found: "posture:none""#),
            (#""acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]"#, #"action="deny" is not supported"#),
            (#""acls": [{"src": ["*"], "dst": ["*:*"]}]"#, "action must be specified"),
            (#""acls": [{"action": "accept", "source": ["*"]}]"#, #"unknown field: "source""#),
            (#""acls": {}"#, "expected an array, found an object"),
            (#""acls": [1]"#, "expected an object, found a number"),
            (#""acls": [{"action": 1}]"#, "expected a string"),
            (#""grants": [{"src": "*"}]"#, "expected an array, found a string"),
        ]
    )
    func rules(sections: String, message: String) {
        expect(sections, message)
    }

    private static func ssh(_ members: String) -> String { #""ssh": [{\#(members)}]"# }
    private static let who = #""src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"]"#

    @Test(
        "SSH rules",
        arguments: [
            (ssh(who), "action must be specified"),
            (ssh(#""action": " ", \#(who)"#), "action must be specified"),
            (ssh(#""action": "deny", \#(who)"#), #""deny" is not a valid action"#),
            (ssh(#""action": "Accept", \#(who)"#), #""Accept" is not a valid action"#),
            (
                ssh(#""action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"]"#),
                "users must be specified"
            ),
            (ssh(#""action": "accept", "users": [""]"#), #"user "" is not valid"#),
            (ssh(#""action": "accept", "users": ["*"]"#), #"user "*" is not valid"#),
            (ssh(#""action": "accept", "users": ["root"], "acceptEnv": [""]"#), "acceptEnv values cannot be empty"),
            (
                ssh(#""action": "check", "checkPeriod": "-1m", \#(who)"#),
                "checkPeriod -1m0s must be a positive duration"
            ),
            (
                ssh(#""action": "check", "checkPeriod": "168h0m1s", \#(who)"#),
                "checkPeriod 168h0m1s is above the max (168h)"
            ),
            (ssh(#""action": "check", "checkPeriod": "soon", \#(who)"#), "invalid duration"),
            (ssh(#""action": "accept", "checkPeriod": "1h", \#(who)"#), "only valid with action"),
            (ssh(#""action": "accept", "src": ["*"], "dst": ["tag:server"], "users": ["root"]"#), #"invalid src "*""#),
            (
                ssh(#""action": "accept", "src": ["web"], "dst": ["tag:server"], "users": ["root"]"#),
                #"invalid src "web""#
            ),
            (
                ssh(#""action": "accept", "src": ["group:dev"], "dst": ["web"], "users": ["root"]"#),
                #"invalid dst "web""#
            ),
            (ssh(#""action": "accept", "src": ["group:dev"], "dst": ["*"], "users": ["root"]"#), #"invalid dst "*""#),
            (
                ssh(#""action": "accept", "src": ["tag:client"], "dst": ["autogroup:self"], "users": ["root"]"#),
                "tags in src"
            ),
            (
                ssh(#""action": "accept", "src": ["group:dev"], "dst": ["a@example.com"], "users": ["root"]"#),
                "only be reached by the same user"
            ),
            (ssh(#""action": "accept", "recorder": ["group:dev"], \#(who)"#), "must be a tag"),
        ]
    )
    func sshRules(sections: String, message: String) {
        expect(sections, message)
    }

    @Test(
        "names and other sections",
        arguments: [
            (#""groups": {"dev": ["a@b"]}"#, "group name must start with 'group:'"),
            (
                #""groups": {"group:a": ["a@b"], "group:b": ["group:a"]}"#,
                #"groups["group:b"]: "group:a": group members cannot be recursive"#
            ),
            (#""groups": {"group:a": ["bob"]}"#, "a member must be a user name with an '@'"),
            (#""hosts": {"a:b": "10.0.0.1"}"#, "invalid host name"), (#""hosts": {"a": "10.0.0"}"#, "invalid address"),
            (#""tagOwners": {"tag:1x": []}"#, "starts with a letter"), (#""tagOwners": {"server": []}"#, "invalid tag"),
            (#""tagOwners": {"tag:a": ["tag:b"]}"#, #"tag not found: "tag:b""#),
            (
                #""tagOwners": {"tag:a": ["tag:b"], "tag:b": ["tag:c"], "tag:c": ["tag:a"]}"#,
                "circular reference in tagOwners: tag:a -> tag:b -> tag:c -> tag:a"
            ),
            (#""tagOwners": {"tag:a": ["*"]}"#, "cannot be an owner"),
            (#""autoApprovers": {"routes": {"10.0.0.0/33": []}}"#, "invalid prefix"),
            (#""autoApprovers": {"exitNode": ["tag:none"]}"#, #"tag not found: "tag:none""#),
            (#""nodeAttrs": [{"target": ["%bogus%"], "attr": ["x"]}]"#, #""%bogus%": invalid address"#),
            (#""nodeAttrs": [{"target": ["autogroup:self"], "attr": ["x"]}]"#, "not valid as a nodeAttrs target"),
            (#""nodeAttrs": [{"target": ["*"], "ipPool": ["10.0.0.0/8"]}]"#, "must be inside 100.64.0.0/10"),
            (#""nodeAttrs": [{"target": ["*"], "ipPool": ["100.100.100.0/25"]}]"#, "overlaps the reserved range"),
            (#""postures": {"posture:x": ["os is mac"]}"#, "invalid condition"),
            (#""postures": {"x": []}"#, "posture name must start with 'posture:'"),
            (#""ipsets": {"ipset:x": ["add nowhere"]}"#, "invalid address"),
            (#""ipsets": {"ipset:a": ["ipset:b"], "ipset:b": ["ipset:a"]}"#, "invalid address"),
            (#""OneCGNATRoute": "sometimes""#, "OneCGNATRoute must be"),
            (#""randomizeClientPort": 1"#, "expected true or false"),
            (#""derpMap": []"#, "expected an object"),
            (
                #""sshTests": [{"dst": ["100.64.0.0/24"]}]"#,
                #"SSH tests dst contains disallowed element "100.64.0.0/24""#
            ),
            (#""sshTests": [{"dst": ["tag:none"]}]"#, #"SSH tests dst contains unknown tag "tag:none""#),
        ]
    )
    func sections(sections: String, message: String) {
        do throws(PolicyErrors) {
            _ = try PolicyDocument.parse("{\(sections)}")
            Issue.record("accepted: \(sections)")
        } catch {
            #expect(error.faults.contains { $0.message.contains(message) }, "wanted \(message)\ngot \(error)")
        }
    }

    @Test("all faults are told at once, in the order of the document, with place, text and suggestion")
    func collected() throws {
        let text = """
            {
              "tagOwners": {"tag:server": []},
              "acl": [],
              "grants": [
                {"src": ["tag:servr"], "dst": ["*"], "ip": ["x"]},
              ],
            }
            """
        let error = try #require(throws: PolicyErrors.self) { try PolicyDocument.parse(text) }
        #expect(error.faults.map(\.position.line) == [3, 5, 5])
        #expect(error.faults.map(\.text) == ["acl", "tag:servr", "x"])
        #expect(error.faults[0].suggestion == "did you mean \"acls\"?")
        #expect(error.faults[1].suggestion == "did you mean \"tag:server\"?")
        #expect(error.faults[1].position == SourcePosition(line: 5, column: 14))
        #expect(error.description.contains("line 5, column 14: src=tag not found: \"tag:servr\"; did you mean"))
    }

    @Test("names of members are read in any case, and no member counts twice")
    func letterCase() throws {
        let document = try PolicyDocument.parse(
            #"{"TAGOWNERS": {"tag:a": []}, "Grants": [{"SRC": ["tag:a"], "dst": ["*"], "Ip": ["*"]}]}"#
        )
        #expect(document.grants.count == 1)
        #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(#"{"acls": [], "ACLs": []}"#) }
    }

    @Test("comments as members are left out of rules")
    func commentMembers() throws {
        let text = ##"{"acls": [{"#note": "x", "action": "accept", "src": ["*"], "dst": ["*:*"]}]}"##
        #expect(try PolicyDocument.parse(text).grants.count == 1)
    }
}
