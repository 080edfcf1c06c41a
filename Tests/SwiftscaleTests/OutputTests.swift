import Foundation
import Testing

@testable import swiftscale

@Suite("output")
struct OutputTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("nodes are shown in aligned columns with relative times")
    func nodes() throws {
        let json = #"""
            [{"id":"1","givenName":"laptop","user":{"name":"anna"},"ipAddresses":["100.64.0.1","fd7a:115c:a1e0::1"],
              "online":true,"lastSeen":"2027-01-15T07:59:58Z","expiry":"2027-07-14T08:00:00Z","tags":[]},
             {"id":"12","givenName":"server","user":null,"ipAddresses":["100.64.0.12"],"online":false,
              "lastSeen":"2027-01-15T06:00:00Z","expiry":null,"tags":["tag:web","tag:db"]},
             {"id":"13","givenName":"old","user":{"name":"bert"},"ipAddresses":[],"online":true,
              "lastSeen":null,"expiry":"2027-01-15T08:00:00Z","tags":[]}]
            """#
        let nodes = try JSONDecoder().decode([JSONValue].self, from: Data(json.utf8))
        #expect(
            NodesList.text(nodes, now: now) == """
                ID  NAME    OWNER           ADDRESSES                     STATE    LAST SEEN  KEY EXPIRES
                1   laptop  anna            100.64.0.1 fd7a:115c:a1e0::1  online   now        in 180 d
                12  server  tag:web tag:db  100.64.0.12                   offline  2 h ago    never
                13  old     bert            -                             expired  never      now
                """
        )
    }

    @Test("auth keys, API keys and users are shown in aligned columns")
    func otherTables() throws {
        let key: JSONValue = .object([
            "id": "1", "key": "hskey-auth-abc-***", "user": .object(["name": "anna"]), "reusable": true,
            "ephemeral": true, "used": false, "aclTags": .list([]), "expiration": "2027-01-15T09:00:00Z",
            "createdAt": "2027-01-15T07:55:00Z",
        ])
        #expect(
            AuthKeysList.text([key], now: now) == """
                ID  KEY                 OWNER  KIND                 USED  EXPIRES    CREATED
                1   hskey-auth-abc-***  anna   reusable, ephemeral  no    in 60 min  5 min ago
                """
        )
        let apiKey: JSONValue = .object([
            "id": "2", "prefix": "abc", "expiration": "2027-01-16T08:00:00Z", "lastSeen": .null,
            "createdAt": "2027-01-15T07:59:00Z",
        ])
        #expect(
            APIKeysList.text([apiKey], now: now) == """
                ID  PREFIX  EXPIRES  LAST SEEN  CREATED
                2   abc     in 24 h  never      60 s ago
                """
        )
        let user: JSONValue = .object([
            "id": "3", "name": "anna", "displayName": "", "role": "admin",
            "createdAt": "2025-01-15T08:00:00Z",
        ])
        #expect(
            UserTable.text([user], now: now) == """
                ID  NAME  DISPLAY NAME  EMAIL  ROLE   CREATED
                3   anna  -             -      admin  730 d ago
                """
        )
    }

    @Test("an empty list says what to do next")
    func empty() {
        #expect(UserTable.text([], now: now) == "No users. Make one with: swiftscale users create NAME")
    }

    @Test("control characters of names do not reach the terminal")
    func controlCharacters() {
        var table = Table("A")
        table.add(["\u{1B}[31mred\n\u{202E}x"])
        #expect(table.text(whenEmpty: "") == "A\n?[31mred??x")
    }

    @Test("programs get JSON, JSON lines or YAML with sorted names")
    func formats() throws {
        let value: JSONValue = .list([
            .object(["id": "1", "b": .null, "a": .object(["url": "a/b", "n": .integer(3)])])
        ])
        #expect(try OutputFormat.jsonLine.text(value) == #"[{"a":{"n":3,"url":"a/b"},"b":null,"id":"1"}]"#)
        #expect(
            try OutputFormat.json.text(value) == """
                [
                  {
                    "a" : {
                      "n" : 3,
                      "url" : "a/b"
                    },
                    "b" : null,
                    "id" : "1"
                  }
                ]
                """
        )
        #expect(
            try OutputFormat.yaml.text(value) == """
                - a:
                    n: 3
                    url: a/b
                  b: null
                  id: '1'
                """
        )
    }

    @Test("failures keep the form that was asked for")
    func failures() {
        let failure = CommandFailure("it broke")
        #expect(failure.rendered(as: nil) == "Error: it broke")
        #expect(failure.rendered(as: .jsonLine) == #"{"error":"it broke"}"#)
        #expect(failure.rendered(as: .yaml) == "error: it broke")
    }

    @Test(
        "times are told as people say them",
        arguments: [
            (0.0, "now"), (-4, "now"), (-5, "5 s ago"), (119, "in 119 s"), (120, "in 2 min"), (-7199, "120 min ago"),
            (-7200, "2 h ago"), (172_799, "in 48 h"), (172_800, "in 2 d"), (-63_115_200, "2 y ago"),
            (1e30, "in 1000000 y"),
        ]
    )
    func relative(seconds: Double, text: String) {
        #expect(RelativeTime(now: now).text(now.addingTimeInterval(seconds)) == text)
    }

    @Test("JSON of any kind survives")
    func json() throws {
        let text = #"{"a":[1,2.5,true,null,"x",{}],"b":-9007199254740993}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(try OutputFormat.jsonLine.text(value) == text)
    }
}
