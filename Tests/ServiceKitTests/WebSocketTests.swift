import NIOCore
import ServiceKit
import Testing

@Suite("WebSocket", .timeLimit(.minutes(1)))
struct WebSocketTests {
    typealias Frame = WebSocketClient.Frame

    private func connected(
        _ transport: Transport = .plain,
        limits: ListenerLimits = ListenerLimits(),
        _ body: sending @escaping (WebSocketClient) async throws -> Void
    ) async throws {
        try await withListener(testSurface(), limits: limits) { listener in
            let client = WebSocketClient(raw: try await listener.client(transport))
            #expect(try await client.handshake().status == 101)
            #expect(try await client.receive() == .binary("HELLO"))
            try await body(client)
            try await client.raw.close()
        }
    }

    @Test("the handshake answers the key and selects the subprotocol", arguments: Transport.allCases)
    func handshake(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = WebSocketClient(raw: try await listener.client(transport))
            let response = try await client.handshake(early: WebSocketClient.frame(2, Array("early".utf8)))
            #expect(response.status == 101)
            // The pair of RFC 6455 §1.3.
            #expect(response.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(response.header("sec-websocket-protocol") == "bytes")
            #expect(response.header("sec-websocket-extensions") == nil)
            #expect(try await client.receive() == .binary("HELLO"))
            #expect(try await client.receive() == .binary("early"))
            try await client.raw.close()
        }
    }

    @Test("binary messages carry the byte stream, whole or in fragments", arguments: Transport.allCases)
    func stream(transport: Transport) async throws {
        try await connected(transport) { client in
            try await client.send(2, Array("whole".utf8))
            #expect(try await client.receive() == .binary("whole"))
            try await client.send(2, Array("fr".utf8), fin: false)
            try await client.send(0, Array("ag".utf8), fin: false)
            try await client.send(9, Array("between".utf8))
            try await client.send(0, Array("ment".utf8))
            var stream: [UInt8] = []
            while stream.count < 8 {
                let frame = try await client.receive()
                if frame.opcode == 10 {
                    #expect(frame.body == Array("between".utf8))
                } else {
                    #expect(frame.opcode == 2)
                    stream += frame.body
                }
            }
            #expect(stream == Array("fragment".utf8))
            let long = [UInt8](repeating: 7, count: 40_000)
            try await client.send(2, long)
            var echoed = 0
            while echoed < long.count { echoed += try await client.receive().body.count }
            #expect(echoed == long.count)
        }
    }

    @Test("a ping gets its pong, a pong nothing", arguments: Transport.allCases)
    func ping(transport: Transport) async throws {
        try await connected(transport) { client in
            try await client.send(10, [])
            try await client.send(9, [1, 2, 3])
            #expect(try await client.receive() == Frame(opcode: 10, body: [1, 2, 3]))
        }
    }

    @Test("a close is answered with its code, and the connection ends", arguments: Transport.allCases)
    func close(transport: Transport) async throws {
        try await connected(transport) { client in
            try await client.send(8, [0x0F, 0xA1, 0x62])
            #expect(try await client.receive() == .close(4001))
            #expect(await client.raw.receiveToEnd() == "")
        }
    }

    @Test(
        "a client that does not offer the subprotocol is closed with 1008",
        arguments: [
            "", "Sec-WebSocket-Protocol: other\r\n", "Sec-WebSocket-Protocol: Bytes\r\n",
        ]
    )
    func wrongSubprotocol(offer: String) async throws {
        try await withListener(testSurface()) { listener in
            let client = WebSocketClient(raw: try await listener.client(.plain))
            let response = try await client.handshake("Sec-WebSocket-Version: 13\r\n" + offer)
            #expect(response.status == 101)
            #expect(response.header("sec-websocket-protocol") == nil)
            #expect(try await client.receive() == .close(1008))
            try await client.send(8, [0x03, 0xF0])
            #expect(await client.raw.receiveToEnd() == "")
        }
    }

    @Test("a client that ignores our close is closed after the linger time")
    func ignoredClose() async throws {
        let limits = ListenerLimits.changed { $0.lingerTimeout = .milliseconds(20) }
        try await withListener(testSurface(), limits: limits) { listener in
            let client = WebSocketClient(raw: try await listener.client(.plain))
            _ = try await client.handshake("Sec-WebSocket-Version: 13\r\n")
            #expect(try await client.receive() == .close(1008))
            #expect(await client.raw.receiveToEnd() == "")
        }
    }

    @Test(
        "a handshake against the rules is refused",
        arguments: [
            (426, "GET", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n"),
            (426, "GET", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            (400, "GET", "Sec-WebSocket-Version: 13\r\n"),
            (400, "GET", "Sec-WebSocket-Key: c2hvcnQ=\r\nSec-WebSocket-Version: 13\r\n"),
            (400, "GET", "Sec-WebSocket-Key: ???\r\nSec-WebSocket-Version: 13\r\n"),
            (400, "POST", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
        ]
    )
    func badHandshake(status: Int, method: String, headers: String) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send(
                "\(method) /bytes HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Protocol: bytes\r\n" + headers + "\r\n"
            )
            let response = try await client.response()
            #expect(response.status == status)
            #expect(response.header("sec-websocket-version") == (status == 426 ? "13" : nil))
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test(
        "frames against the rules are answered with their close code",
        arguments: [
            (1003, WebSocketClient.frame(1, [0x61])),
            (1002, WebSocketClient.frame(2, [0x61], isMasked: false)),
            (1002, WebSocketClient.frame(0, [0x61])),
            (1002, WebSocketClient.frame(2, [0x61], fin: false) + WebSocketClient.frame(2, [0x62])),
            (1002, WebSocketClient.frame(3, [])),
            (1002, WebSocketClient.frame(11, [])),
            (1002, WebSocketClient.frame(0x42, [0x61])),
            (1002, WebSocketClient.frame(9, [0x61], fin: false)),
            (1002, WebSocketClient.frame(9, [UInt8](repeating: 0, count: 126))),
            (1002, WebSocketClient.frame(8, [0x03])),
            (1009, WebSocketClient.frame(2, [UInt8](repeating: 0, count: 1001))),
            (
                1009,
                WebSocketClient.frame(2, [UInt8](repeating: 0, count: 900), fin: false)
                    + WebSocketClient.frame(0, [UInt8](repeating: 0, count: 101))
            ),
            (1009, [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ] as [(UInt16, [UInt8])]
    )
    func badFrames(code: UInt16, bytes: [UInt8]) async throws {
        let limits = ListenerLimits.changed { $0.webSocketMessageLength = 1000 }
        try await connected(limits: limits) { client in
            try await client.raw.send(ByteBuffer(bytes: bytes))
            var frame = try await client.receive()
            while frame.opcode == 2 { frame = try await client.receive() }
            #expect(frame == .close(code))
            try await client.send(8, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)])
        }
    }
}
