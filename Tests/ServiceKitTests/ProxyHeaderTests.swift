import IPAddresses
import NIOCore
import Testing

@testable import ServiceKit

@Suite("Headers of balancers")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = Array("\r\n\r\n\0\r\nQUIT\n".utf8)

    /// Version 2: command, family, what follows.
    private static func binary(_ command: UInt8, _ family: UInt8, _ body: [UInt8]) -> [UInt8] {
        signature + [0x20 | command, family, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    private static let four: [UInt8] = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x34, 0x1F, 0x90]
    private static let six: [UInt8] =
        [0x2A, 0] + Array(repeating: 0, count: 13) + [1] + Array(repeating: 0, count: 16) + [0, 80, 0, 80]

    private static let clients: [([UInt8], String?)] = [
        (binary(1, 0x11, four), "203.0.113.9"),
        // With what some add: a unique id.
        (binary(1, 0x11, four + [5, 0, 2, 1, 2]), "203.0.113.9"),
        (binary(1, 0x21, six), "2a00::1"),
        (binary(0, 0, []), nil), (binary(0, 0x11, four), nil), (binary(1, 0, []), nil), (binary(1, 0x31, four), nil),
        (Array("PROXY TCP4 203.0.113.9 10.0.0.1 4660 8080\r\n".utf8), "203.0.113.9"),
        (Array("PROXY TCP6 2a00::1 2a00::2 80 80\r\n".utf8), "2a00::1"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil), (Array("PROXY UNKNOWN what ever 1 2\r\n".utf8), nil),
    ]

    @Test(
        "the client is read, in both versions, however the bytes arrive, and nothing of what follows",
        arguments: clients
    )
    func read(header: [UInt8], client: String?) throws {
        for length in 0..<header.count {
            var part = ByteBuffer(bytes: header[..<length])
            #expect(try ProxyHeader.read(&part) == .incomplete)
            #expect(part.readableBytes == length)
        }
        var whole = ByteBuffer(bytes: header + Array("GET /".utf8))
        switch try ProxyHeader.read(&whole) {
        case .client(let address): #expect(address.ipAddress == client)
        case .anonymous: #expect(client == nil)
        case .incomplete, .none: Issue.record("not read")
        }
        #expect(String(buffer: whole) == "GET /")
    }

    @Test(
        "what begins otherwise is left alone",
        arguments: ["GET / HTTP/1.1\r\n", "POST /", "PRI * HTTP/2.0", "\u{16}\u{3}", "\r\nx"]
    )
    func other(text: String) throws {
        var bytes = ByteBuffer(string: text)
        #expect(try ProxyHeader.read(&bytes) == .none)
        #expect(String(buffer: bytes) == text)
    }

    @Test(
        "a header that is none is refused",
        arguments: [
            signature + [0x11, 0x11, 0, 12] + four, binary(2, 0x11, four), binary(1, 0x11, Array(four.prefix(11))),
            binary(1, 0x21, four), signature + [0x21, 0x11, 0xFF, 0xFF],
            Array("PROXY TCP4 203.0.113.9 10.0.0.1 4660\r\n".utf8), Array("PROXY TCP4 2a00::1 2a00::1 1 1\r\n".utf8),
            Array("PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n".utf8), Array("PROXY TCP4 x y 1 1\r\n".utf8),
            Array("PROXY TCP4 1.1.1.1 1.1.1.1 1 99999\r\n".utf8), Array("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n".utf8),
            Array("PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n".utf8), Array("PROXY \r\n".utf8),
            Array(("PROXY UNKNOWN " + String(repeating: "x", count: 200)).utf8),
        ]
    )
    func refused(header: [UInt8]) {
        var bytes = ByteBuffer(bytes: header)
        #expect(throws: ProxyHeader.Fault.self) { try ProxyHeader.read(&bytes) }
    }

    @Test("handlers see the client that a balancer names, over TLS too", arguments: Transport.allCases)
    func throughListener(transport: Transport) async throws {
        let surface = testSurface()
        for (balancers, isBelieved) in [("127.0.0.0/8", true), ("10.0.0.0/8", false)] {
            try await withListener(
                surface,
                configure: { $0.balancers = [balancers].compactMap { IPPrefix($0) } }
            ) { listener in
                let client = try await listener.client(transport, preface: Self.binary(1, 0x11, Self.four))
                try? await client.send("GET /from HTTP/1.1\r\nHost: x\r\n\r\n")
                // From somebody else it is no request, and no TLS.
                let answer = try? await client.response()
                #expect(isBelieved ? answer?.body == "203.0.113.9" : answer?.status != 200)
            }
        }
    }

    @Test("a balancer that looks whether somebody is there, and one that says nothing, are served as themselves")
    func withoutClient() async throws {
        try await withListener(
            testSurface(),
            configure: { $0.balancers = ["127.0.0.0/8"].compactMap { IPPrefix($0) } }
        ) { listener in
            for preface in [Self.binary(0, 0, []), []] {
                let client = try await listener.client(.plain, preface: preface)
                try await client.send("GET /from HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().body == "127.0.0.1")
            }
            let bad = try await listener.client(.plain, preface: Array("PROXY nonsense\r\n".utf8))
            try? await bad.send("GET /from HTTP/1.1\r\nHost: x\r\n\r\n")
            await #expect(throws: (any Error).self) { try await bad.response() }
        }
    }
}
