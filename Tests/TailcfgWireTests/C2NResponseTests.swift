import Foundation
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Answers of clients")
struct C2NResponseTests {
    private static func parse(
        _ text: String,
        isToHead: Bool = false
    ) throws(C2NResponse.Fault) -> C2NResponse {
        try C2NResponse.parse(ByteBuffer(string: text), isToHead: isToHead)
    }

    @Test(
        "the body ends with its length, its last chunk, or the answer itself",
        arguments: [
            "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nContent-Length:5 \r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n",
        ]
    )
    func bodies(text: String) throws {
        let answer = try Self.parse(text)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "hello")
    }

    @Test("status and fields are kept as they came; a body may be any bytes, or none")
    func fields() throws {
        let answer = try Self.parse("HTTP/1.1 405 Method Not Allowed\r\nA: 1\r\nb:\t2 \r\nA: 3\r\n\r\n")
        #expect(answer.status == 405)
        #expect(answer.fields.map(\.name) == ["A", "b", "A"])
        #expect(answer.fields.map(\.value) == ["1", "2", "3"])
        #expect(answer.body.isEmpty)
        var bytes = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n")
        bytes.writeBytes([0, 13, 10, 255])
        #expect(try C2NResponse.parse(bytes).body == Data([0, 13, 10, 255]))
        #expect(try Self.parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isToHead: true).body.isEmpty)
    }

    @Test("an answer cut anywhere before its end is refused")
    func cut() throws {
        for whole in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ] {
            for length in 0..<whole.utf8.count {
                // Not by characters: CR LF is one.
                let cut = ByteBuffer(bytes: whole.utf8.prefix(length))
                #expect(throws: C2NResponse.Fault.self, "\(length)") { try C2NResponse.parse(cut) }
            }
        }
    }

    @Test(
        "what is no answer is refused, and said why",
        arguments: [
            ("", .cut), ("HTTP/1.1 200 OK\n\n", .statusLine), ("HTTP/2 200 OK\r\n\r\n", .statusLine),
            ("HTTP/1.1 20 OK\r\n\r\n", .statusLine), ("HTTP/1.1 2000\r\n\r\n", .statusLine),
            ("HTTP/1.1 -10 X\r\n\r\n", .statusLine), ("HTTP/1.1 100 Continue\r\n\r\n", .statusLine),
            ("HTTP/1.1 2\u{661}0 X\r\n\r\n", .statusLine), ("http/1.1 200 OK\r\n\r\n", .statusLine),
            ("HTTP/1.1 200 OK\r\n folded\r\n\r\n", .field), ("HTTP/1.1 200 OK\r\n: x\r\n\r\n", .field),
            ("HTTP/1.1 200 OK\r\nA : x\r\n\r\n", .field), ("HTTP/1.1 200 OK\r\nA\r\n\r\n", .field),
            ("HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n", .field), ("HTTP/1.1 200 OK\r\nA: \u{0}\r\n\r\n", .field),
            ("HTTP/1.1 200 OK\r\nA: x\n\r\n", .field), ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", .cut),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", .trailing),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", .length),
            ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", .length),
            ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", .length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", .length),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\nhello", .cut),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", .length),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", .length),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", .chunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n", .chunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", .chunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n", .chunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\na", .cut),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", .chunk),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore", .trailing),
        ] as [(String, C2NResponse.Fault)]
    )
    func hostile(text: String, fault: C2NResponse.Fault) {
        #expect(throws: fault, "\(text)") { try Self.parse(text) }
    }

    @Test("a head without end, or with too many fields, is refused")
    func endless() {
        let long = "HTTP/1.1 200 " + String(repeating: "a", count: C2NResponse.headLimit)
        #expect(throws: C2NResponse.Fault.headTooLong) { try Self.parse(long) }
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: C2NResponse.fieldLimit + 1) + "\r\n"
        #expect(throws: C2NResponse.Fault.headTooLong) { try Self.parse(many) }
        let fields =
            "HTTP/1.1 200 OK\r\n" + String(repeating: "A: \(String(repeating: "b", count: 1000))\r\n", count: 40)
        #expect(throws: C2NResponse.Fault.headTooLong) { try Self.parse(fields + "\r\n") }
    }

    @Test("any bytes at all either read or are refused")
    func random() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("HTTP/1. 20\r\n\r\n:ContentLengthTransferEncodingchunked\u{0}x;".utf8) + [255]
        for _ in 0..<2000 {
            let length = Int.random(in: 0...80, using: &generator)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let starts = Bool.random(using: &generator)
            let head = starts ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" : ""
            _ = try? C2NResponse.parse(ByteBuffer(bytes: Array(head.utf8) + bytes))
        }
    }
}
