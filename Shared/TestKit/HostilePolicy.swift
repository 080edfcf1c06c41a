/// Policies that must be refused, with what the refusal says.
public struct HostilePolicy: Sendable, CustomStringConvertible {
    public let description: String
    public let bytes: [UInt8]
    public let message: String
    /// Words of the guess; empty where there is none.
    public let suggestion: String

    private init(_ name: String, _ text: String, _ message: String, suggestion: String = "") {
        self.init(name, bytes: Array(text.utf8), message, suggestion: suggestion)
    }

    private init(_ name: String, bytes: [UInt8], _ message: String, suggestion: String = "") {
        description = name
        self.bytes = bytes
        self.message = message
        self.suggestion = suggestion
    }

    public static let all: [HostilePolicy] = [
        HostilePolicy(
            "10 MB",
            "{ // " + String(repeating: "x", count: 10_000_000) + "\n}",
            "the document has 10000007 bytes, more than 8388608"
        ),
        HostilePolicy("100,001 groups", groups(100_001), "100001 groups, more than 100000"),
        HostilePolicy(
            "tags that own each other",
            #"{"tagOwners": {"tag:a": ["tag:b"], "tag:b": ["tag:c"], "tag:c": ["tag:a"]}}"#,
            "circular reference in tagOwners"
        ),
        HostilePolicy(
            "nested deeply",
            #"{"groups": "# + String(repeating: "[", count: 100_000),
            "nested deeper than 100 levels"
        ),
        HostilePolicy("no UTF-8", bytes: Array(#"{"groups": {}} // "#.utf8) + [0xC3, 0x28], "UTF-8"),
        HostilePolicy(
            "a section twice",
            #"{"groups": {}, "acls": [], "groups": {}}"#,
            "duplicate object member name \"groups\""
        ),
        HostilePolicy(
            "a group twice",
            #"{"groups": {"group:a": [], "group:a": []}}"#,
            "duplicate object member name \"group:a\""
        ),
        HostilePolicy(
            "a port out of range",
            #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:65536"]}]}"#,
            "65536"
        ),
        HostilePolicy(
            "a number that no integer holds",
            #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:99999999999999999999"]}]}"#,
            "99999999999999999999"
        ),
        HostilePolicy("a misspelt section", #"{"grnats": []}"#, "unknown field: \"grnats\"", suggestion: "grants"),
        HostilePolicy(
            "a misspelt member of a rule",
            #"{"acls": [{"action": "accept", "scr": ["*"], "dst": ["*:*"]}]}"#,
            "unknown field: \"scr\"",
            suggestion: "src"
        ),
    ]

    /// A policy with many groups.
    public static func groups(_ count: Int) -> String {
        var text = "{\"groups\": {"
        for number in 0..<count { text += "\"group:g\(number)\": [\"u\(number)@example.com\"]," }
        return text + "}, \"grants\": [{\"src\": [\"group:g7\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}]}"
    }
}
