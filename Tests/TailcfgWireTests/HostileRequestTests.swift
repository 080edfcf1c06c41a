import ControlModel
import Foundation
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Hostile requests")
struct HostileRequestTests {
    @Test("a request cut at any byte is refused", arguments: ["register-go", "map-go-lite", "map-rust-lite"])
    func truncated(name: String) throws {
        let whole = try Vector.bytes(name)
        // The last byte is the line's end.
        for length in stride(from: 0, to: whole.readableBytes - 1, by: 3) {
            let cut = ByteBuffer(bytes: whole.readableBytesView.prefix(length))
            #expect(throws: TailcfgDecodingError.malformed, "cut at \(length)") { try RegisterRequest.decode(cut) }
            #expect(throws: TailcfgDecodingError.malformed, "cut at \(length)") { try MapRequest.decode(cut) }
        }
    }

    @Test("a Hostinfo of 1 MiB is refused before it is parsed")
    func large() {
        let text = #"{"Hostinfo":{"Hostname":"\#(String(repeating: "a", count: 1 << 20))"}}"#
        let error = TailcfgDecodingError.tooLarge(length: text.utf8.count, limit: WireLimit.requestLength)
        #expect(throws: error) { try MapRequest.decode(ByteBuffer(string: text)) }
        #expect(throws: error) { try RegisterRequest.decode(ByteBuffer(string: text)) }
    }

    @Test("the longest request allowed is parsed, one byte more is not")
    func limit() throws {
        let frame = #"{"X":""}"#.utf8.count
        let fill = String(repeating: "a", count: WireLimit.requestLength - frame)
        #expect(try MapRequest.decode(ByteBuffer(string: #"{"X":"\#(fill)"}"#)) == MapRequest())
        #expect(throws: TailcfgDecodingError.self) { try MapRequest.decode(ByteBuffer(string: #"{"X":"\#(fill)a"}"#)) }
    }

    @Test("nesting as deep as a request allows is refused", arguments: ["[", #"{"a":"#, #"{"Hostinfo":"#, #"[{"a":"#])
    func deep(opening: String) {
        let text = String(repeating: opening, count: WireLimit.requestLength / opening.utf8.count)
        #expect(throws: TailcfgDecodingError.malformed) { try MapRequest.decode(ByteBuffer(string: text)) }
        let field = #"{"Hostinfo":"# + text.prefix(WireLimit.requestLength - 100)
        #expect(throws: TailcfgDecodingError.malformed) { try MapRequest.decode(ByteBuffer(string: field)) }
    }

    @Test("deep nesting that is closed properly is refused too")
    func deepAndClosed() {
        let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: TailcfgDecodingError.malformed) {
            try MapRequest.decode(ByteBuffer(string: #"{"X":\#(text)}"#))
        }
    }

    @Test(
        "bytes that are no UTF-8 are refused, in keys as in values",
        arguments: [
            Array(#"{"Compress":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8),
            Array(#"{""#.utf8) + [0xC3] + Array(#"":1}"#.utf8), [0xFF], [0xC0, 0x80], [0],
            Array(#"{"Compress":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8),
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: TailcfgDecodingError.self) { try MapRequest.decode(ByteBuffer(bytes: bytes)) }
    }

    @Test(
        "broken JSON is refused",
        arguments: [
            "", " ", "{", #"{"Stream":tru}"#, #"{"\ud800":1}"#, #"{"\x":1}"#, #"{"\u12":1}"#, #"{"a" 1}"#, #"{,}"#,
            "{}{}", #"{'a':1}"#, #"{"a":NaN}"#, #"{"a":+1}"#,
        ]
    )
    func broken(text: String) {
        #expect(throws: TailcfgDecodingError.malformed) { try MapRequest.decode(ByteBuffer(string: text)) }
    }

    @Test(
        "broken values are refused where they are read",
        arguments: [
            (#"{"Version":01}"#, "Version"), (#"{"Version":1.}"#, "Version"), (#"{"Compress":"\ud800"}"#, "Compress"),
            (#"{"Compress":"\q"}"#, "Compress"), ("{\"Compress\":\"\n\"}", "Compress"),
        ]
    )
    func brokenValues(text: String, key: String) {
        #expect {
            try MapRequest.decode(ByteBuffer(string: text))
        } throws: { error in
            guard case .invalid(key, _) = error as? TailcfgDecodingError else {
                return error as? TailcfgDecodingError == .malformed
            }
            return true
        }
    }

    @Test("random bytes never crash the decoders")
    func random() {
        var generator = SplitMix(state: 1)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                Array(#"{}[]":,0e-truefalsn\uAuth"#.utf8).randomElement(using: &generator) ?? 0
            }
            #expect(throws: TailcfgDecodingError.self) {
                _ = try RegisterRequest.decode(ByteBuffer(bytes: [0x5B] + bytes))
            }
        }
    }
}

/// Random numbers that are the same in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
