import ControlModel
import ServiceKit
import Testing

@testable import DNSService

@Suite("file of extra records")
struct ExtraRecordsFileTests {
    @Test("records are read with and without their type, with comments and final dots and commas, each once")
    func records() throws {
        let text = """
            // Ours.
            [
              {"name": "a.example.com.", "type": "a", "value": "100.64.0.3"},
              {"Name": "b.example.com", "Value": "fd7a::7"},
              {"name": "a.example.com", "type": "A", "value": "100.64.0.3"},
            ]
            """
        #expect(
            try ExtraRecordsFile.records(in: text) == [
                DNSRecord(name: "a.example.com", type: "A", value: "100.64.0.3"),
                DNSRecord(name: "b.example.com", type: "AAAA", value: "fd7a::7"),
            ]
        )
        #expect(try ExtraRecordsFile.records(in: " [] ") == [])
    }

    @Test(
        "what is wrong is told with its place",
        arguments: [
            ("", "it is empty"), (" \n", "it is empty"), ("{}", "line 1, column 1: expected a list"),
            (#"[{"name": "a.b", "value": "1.2.3.4""#, "line 1, column"),
            ("[\n 7]", "line 2, column 2: expected a record"),
            (#"[{"name": "a.b"}]"#, "line 1, column 2: a record needs"),
            (#"[{"name": "a.b", "value": 7}]"#, "line 1, column 27: expected a text"),
            (
                #"[{"name": "a.b", "value": "1.2.3.4", "ttl": "5"}]"#,
                "column 38: a record has name, type and value, not ttl"
            ),
            (#"[{"name": "a b", "value": "1.2.3.4"}]"#, #""a b": expected a domain name"#),
            (#"[{"name": "a.b", "type": "AAAA", "value": "1.2.3.4"}]"#, "expected an IPv6 address for a.b"),
            (#"[{"name": "a.b", "type": "CNAME", "value": "c.d"}]"#, #""CNAME": expected the type A or AAAA"#),
            (#"[{"name": "a.b", "value": "c.d"}]"#, "expected an IPv4 address"),
        ]
    )
    func faults(text: String, expected: String) {
        #expect { try ExtraRecordsFile.records(in: text) } throws: { "\($0)".contains(expected) }
    }

    @Test("all faults are told, up to a limit")
    func many() {
        let text = "[" + Array(repeating: "7", count: 12).joined(separator: ",") + "]"
        #expect { try ExtraRecordsFile.records(in: text) } throws: { error in
            let lines = "\(error)".split(separator: "\n")
            return lines.count == 11 && lines.last == "and 2 more"
        }
    }

    @Test("more records than a message to clients should have are refused")
    func tooMany() {
        let record = #"{"name": "a.b", "value": "1.2.3.4"}"#
        let text = "[" + Array(repeating: record, count: ExtraRecordsFile.countLimit + 1).joined(separator: ",") + "]"
        #expect(text.utf8.count < ExtraRecordsFile.lengthLimit)
        #expect { try ExtraRecordsFile.records(in: text) } throws: { "\($0)".contains("4097 records") }
    }
}
