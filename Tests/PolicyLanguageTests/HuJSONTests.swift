import PolicyLanguage
import Testing

@Suite("HuJSON")
struct HuJSONTests {
    private func fault(_ text: String) -> PolicyFault? {
        fault(Array(text.utf8))
    }

    private func fault(_ bytes: [UInt8]) -> PolicyFault? {
        do throws(PolicyErrors) {
            _ = try HuJSON.parse(bytes)
            return nil
        } catch { return error.faults.first }
    }

    @Test("comments and trailing commas are read over, values keep their place")
    func comments() throws {
        let text = """
            // first
            { /* second */ "a": [1, 2,], // third
              "é": "x", "b": true,
            }
            """
        let value = try HuJSON.parse(Array(text.utf8))
        #expect(value.plain.description == #"{"a":[1,2],"é":"x","b":true}"#)
        guard case .object(let members) = value.content else { throw PolicyErrors(faults: []) }
        #expect(members.map(\.position.line) == [2, 3, 3])
        #expect(members[2].position == SourcePosition(line: 3, column: 13))
        #expect(members[0].value.position == SourcePosition(line: 2, column: 21))
    }

    @Test(
        "escapes become what they mean",
        arguments: [
            (#""\n\t\"\\\/""#, "\n\t\"\\/"), (#""é""#, "é"), (#""😀""#, "😀"), (#""a\b\f\r""#, "a\u{8}\u{C}\r"),
        ]
    )
    func escapes(text: String, meaning: String) throws {
        #expect(try HuJSON.parse(Array(text.utf8)).plain == .string(meaning))
    }

    @Test(
        "what is no HuJSON is refused with its place",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6), ("{a: 1}", 1, 2), ("[1],", 1, 4),
            ("\n\n  }", 3, 3),
            ("\"abc", 1, 1), ("\"\\q\"", 1, 2), (#""\ud83d""#, 1, 2), ("01", 1, 1), ("-", 1, 1), ("1.", 1, 1),
            ("1e", 1, 1),
            ("nul", 1, 1), ("/* open", 1, 1), ("/", 1, 1), ("\"a\nb\"", 1, 3), ("[,]", 1, 2), ("{,}", 1, 2),
            ("truex", 1, 5),
            (#""\u00zz""#, 1, 2), (#"{"a":}"#, 1, 6),
        ]
    )
    func refusals(text: String, line: Int, column: Int) {
        #expect(
            fault(text)?.position == SourcePosition(line: line, column: column),
            "\(String(describing: fault(text)))"
        )
    }

    @Test("every cut of a document is refused, and none traps")
    func cuts() {
        let text = #"{"a": [1, -2.5e3, "xé"], /* c */ "b": {"d": null}} "#
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count - 1 { #expect(fault(Array(bytes.prefix(length))) != nil) }
        #expect(fault(text) == nil)
    }

    @Test("any byte in any place is read or refused, never a trap")
    func bytes() {
        let bytes = Array(#"{"a":["é\n",1]/**/}"#.utf8)
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max {
                var changed = bytes
                changed[index] = value
                _ = fault(changed)
            }
        }
    }

    @Test("invalid UTF-8 is named with its byte and place")
    func encoding() {
        let found = fault(Array("{\n \"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8))
        #expect(found?.message == "invalid UTF-8: byte 4 (0xff)")
        #expect(found?.position == SourcePosition(line: 2, column: 3))
    }

    @Test("duplicate names are all named")
    func duplicates() {
        let error = #expect(throws: PolicyErrors.self) {
            try HuJSON.parse(Array("{\"a\": 1,\n\"a\": 2, \"b\": {\"c\": 1, \"c\": 2}}".utf8))
        }
        #expect(error?.faults.map(\.text) == ["a", "c"])
        #expect(error?.faults.first?.position == SourcePosition(line: 2, column: 1))
    }

    @Test("nesting has a limit")
    func depth() {
        let deep =
            String(repeating: "[", count: HuJSON.depthLimit + 2) + String(repeating: "]", count: HuJSON.depthLimit + 2)
        #expect(fault(deep)?.message.contains("nested deeper than") == true)
        #expect(fault(String(repeating: "[", count: 1_000_000))?.message.contains("nested deeper than") == true)
        let shallow = String(repeating: "[", count: 50) + String(repeating: "]", count: 50)
        #expect(fault(shallow) == nil)
    }

    @Test("a document over the limit is refused before it is read")
    func length() {
        let spaces = [UInt8](repeating: 0x20, count: HuJSON.lengthLimit + 1)
        #expect(fault(spaces)?.message.contains("more than \(HuJSON.lengthLimit)") == true)
    }

    @Test("a byte order mark and carriage returns do no harm")
    func byteOrderMark() {
        #expect(fault([0xEF, 0xBB, 0xBF] + Array("{}\r\n".utf8)) == nil)
    }

    @Test("text written as JSON reads back the same", arguments: ["", "a\"b\\c", "\u{1}\n\t\r", "é😀", "\u{7F}"])
    func quoting(text: String) throws {
        #expect(try HuJSON.parse(Array(JSONValue.quoted(text).utf8)).plain == .string(text))
    }
}
