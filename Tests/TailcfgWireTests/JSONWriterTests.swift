import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("commas stand between elements and fields and nowhere else")
    func commas() {
        let text = Vector.written { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.integer(1)
            writer.beginArray()
            writer.endArray()
            writer.bool(false)
            writer.null()
            writer.endArray()
            writer.key("b")
            writer.beginObject()
            writer.endObject()
            writer.key(text: "c\"")
            writer.double(1.5)
            writer.endObject()
            writer.integer(2)
        }
        #expect(text == #"{"a":[1,[],false,null],"b":{},"c\"":1.5},2"#)
    }

    @Test("fragments join with commas, empty ones vanish")
    func fragments() {
        let text = Vector.written { writer in
            writer.beginObject()
            writer.fragment(ByteBuffer())
            writer.fragment(ByteBuffer(string: #""a":1"#))
            writer.fragment(ByteBuffer(string: #""b":2"#))
            writer.fragment(ByteBuffer())
            writer.key("c")
            writer.integer(3)
            writer.endObject()
        }
        #expect(text == #"{"a":1,"b":2,"c":3}"#)
    }

    @Test("a cleared writer starts without a comma, and taken bytes stay as they were")
    func clearing() {
        var writer = JSONWriter(appendingTo: ByteBuffer(string: "x"))
        writer.integer(1)
        let taken = writer.take()
        writer.integer(2)
        #expect(String(buffer: taken) == "x1")
        #expect(String(buffer: writer.buffer) == "2")
    }

    @Test(
        "integers",
        arguments: [0, 1, -1, 9, 10, 99, 100, 4_294_967_296, 9_007_199_254_740_991, Int64.max, Int64.min, -10]
    )
    func integers(value: Int64) {
        #expect(Vector.written { $0.integer(value) } == String(value))
    }

    @Test(
        "doubles are JSON, whatever they are",
        arguments: [0, -0.5, 48.2, 1e300, 2.5e-300, 0.1, 1e16, .infinity, .nan]
    )
    func doubles(value: Double) throws {
        let parsed = try Vector.parsed { $0.double(value) }
        #expect(parsed == .number(value.isFinite ? value : 0))
    }

    @Test("nothing is escaped but quotes, backslashes and control characters")
    func plain() {
        let text = "a/b <c> & d'é 漢字 🙂 \u{7F} \u{2028}"
        #expect(Vector.written { $0.string(text) } == "\"\(text)\"")
    }

    @Test("every escape reads back the same")
    func escapes() throws {
        let text = String(String.UnicodeScalarView((0..<256).compactMap { Unicode.Scalar(UInt32($0)) }))
        #expect(try Vector.parsed { $0.string(text) } == .string(text))
        #expect(Vector.written { $0.string("\"\\\n\u{1}\u{1F}") } == #""\"\\\n\u0001\u001f""#)
    }

    @Test(
        "texts of clients lose what would need an escape",
        arguments: [
            (#"Bob's "big" PC\1"#, "Bob's big PC1"), ("a\nb\tc\u{0}\u{1F}\u{7F}d", "abcd"), ("a/b é 漢", "a/b é 漢"),
            ("", ""), ("\"", ""), (String(repeating: "\\", count: 1000), ""),
        ]
    )
    func sanitised(text: String, expected: String) {
        #expect(Vector.written { $0.text(text) } == "\"\(expected)\"")
    }

    @Test("a text longer than the buffer, with an escape at its end, is whole")
    func longTexts() throws {
        for length in [14, 15, 16, 255, 256, 70_000] {
            let text = String(repeating: "ä", count: length) + "\u{2}"
            #expect(try Vector.parsed { $0.string(text) } == .string(text))
        }
    }

    @Test("keys are written in their text form")
    func keys() throws {
        let bytes = (0..<32).map { UInt8($0 * 8 + 1) }
        let node = try #require(NodePublicKey(bytes))
        #expect(Vector.written { $0.publicKey(node) } == "\"\(node.text)\"")
        let relay = try #require(DERPPublicKey(bytes))
        #expect(Vector.written { $0.publicKey(relay) } == "\"\(relay.text)\"")
        #expect(Vector.written { $0.publicKey(DiscoPublicKey.zero) } == "\"\(DiscoPublicKey.zero.text)\"")
    }

    @Test(
        "addresses are written as their types print them",
        arguments: [
            "0.0.0.0", "255.255.255.255", "100.64.0.1", "::", "::1", "1::", "fd7a:115c:a1e0::7", "1:0:0:2:0:0:0:3",
            "1:0:0:2:3:0:0:4", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:0:0", "::ffff:1.2.3.4",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0:0:1::", "2001:db8:0:1:1:1:1:1", "::fffe:102:304",
        ]
    )
    func addresses(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(Vector.written { $0.address(address) } == "\"\(address)\"")
        let prefix = IPPrefix(single: address)
        #expect(Vector.written { $0.prefix(prefix) } == "\"\(prefix)\"")
        let endpoint = IPEndpoint(address: address, port: 65535)
        #expect(Vector.written { $0.endpoint(endpoint) } == "\"\(endpoint)\"")
    }

    @Test("IPv6 addresses of every pattern of zero groups are written as their type prints them")
    func zeroRuns() {
        for pattern in 0..<256 {
            let value = (0..<8).reduce(UInt128(0)) { $0 << 16 | (pattern >> $1 & 1 == 1 ? 0xA0 : 0) }
            let address = IPv6Address(value)
            #expect(Vector.written { $0.address(.v6(address)) } == "\"\(address)\"")
        }
    }

    @Test("bytes are written as padded base64")
    func base64() {
        #expect(Vector.written { $0.base64(Data([0xFB, 0xFF, 0xFE, 0x01])) } == "\"+//+AQ==\"")
    }

    @Test("raw JSON is one JSON value and nothing else")
    func rawJSON() {
        for text in ["1", "null", #"{"a":[1,"\n"]}"#, " [ ] ", "\"x\""] { #expect(RawJSON(text)?.text == text) }
        for text in ["", "1 2", "{", "1,", "]", "nil", #"{"a":1}{"#] { #expect(RawJSON(text) == nil) }
        #expect(RawJSON.string("a/\"").text == #""a/\"""#)
        #expect([RawJSON.bool(true).text, RawJSON.integer(-3).text] == ["true", "-3"])
    }
}
