import NIOCore
import NIOEmbedded
import NIOHTTP1
import ServiceKit
import Synchronization
import Testing

@Suite("Upgrades", .timeLimit(.minutes(1)))
struct UpgradeTests {
    private static let answer = "HTTP/1.1 101 Switching Protocols\r\n"
    private static let ask = "Host: x\r\nUpgrade: echo\r\nConnection: upgrade\r\n"

    @Test(
        "an upgrade is accepted with any body, and bytes in the same segment reach the protocol",
        arguments: Transport.allCases,
        [
            Sample("length 0", "Content-Length: 0\r\n\r\n"), Sample("no length", "\r\n"),
            Sample("length 5", "Content-Length: 5\r\n\r\nabcde"),
            Sample("chunked", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        ]
    )
    func bodies(transport: Transport, rest: Sample) async throws {
        try await withListener(testSurface()) { listener in
            for early in ["", "early bytes"] {
                let client = try await listener.client(transport)
                try await client.send("POST /echo HTTP/1.1\r\n" + Self.ask + rest.text + early)
                let head = try await client.receive(through: "\r\n\r\n")
                #expect(head.hasPrefix(Self.answer))
                #expect(head.lowercased().contains("connection: upgrade\r\n"))
                #expect(!head.lowercased().contains("content-length"))
                #expect(try await client.receive(5 + early.count) == "HELLO" + early)
                try await client.send("later")
                #expect(try await client.receive(5) == "later")
                try await client.close()
            }
        }
    }

    @Test("the answer and the protocol's first bytes leave in one write")
    func oneWrite() async throws {
        let flushes = FlushRecorder()
        let channel = try await testConnection(first: flushes)
        try await channel.writeInbound(ByteBuffer(string: "GET /echo HTTP/1.1\r\n" + Self.ask + "\r\n"))
        await channel.testingEventLoop.run()
        let first = try #require(flushes.flushed.first)
        #expect(first.hasPrefix(Self.answer))
        #expect(first.hasSuffix("\r\n\r\nHELLO"))
        try await channel.close()
    }

    @Test("odd header case and a list in Connection are understood", arguments: Transport.allCases)
    func oddCase(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send(
                "GET /echo HTTP/1.1\r\nhost:x\r\nuPGRADE:  ECHO\r\ncONNECTION: keep-alive, Upgrade\r\n\r\nxy"
            )
            _ = try await client.receive(through: "\r\n\r\n")
            #expect(try await client.receive(7) == "HELLOxy")
            try await client.close()
        }
    }

    @Test("an upgrade arriving byte by byte is accepted", arguments: Transport.allCases)
    func byteByByte(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            for byte in ("GET /echo HTTP/1.1\r\n" + Self.ask + "\r\nxy").utf8 {
                try await client.send(ByteBuffer(bytes: [byte]))
            }
            _ = try await client.receive(through: "\r\n\r\n")
            #expect(try await client.receive(7) == "HELLOxy")
            try await client.close()
        }
    }

    @Test("a later request of a kept-alive connection can upgrade, pipelined or not", arguments: Transport.allCases)
    func laterRequest(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let upgrade = "POST https://x/echo HTTP/1.1\r\n" + Self.ask + "\r\nearly"
            for isPipelined in [false, true] {
                let client = try await listener.client(transport)
                let first = "GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n"
                try await client.send(isPipelined ? first + upgrade : first)
                #expect(try await client.response().body == "hello 1")
                if !isPipelined { try await client.send(upgrade) }
                #expect(try await client.receive(through: "\r\n\r\n").hasPrefix(Self.answer))
                #expect(try await client.receive(10) == "HELLOearly")
                try await client.close()
            }
        }
    }

    @Test("no HTTP answer is sent where the protocol starts at once", arguments: Transport.allCases)
    func withoutAnswer(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /fast HTTP/1.1\r\n" + Self.ask + "\r\nearly")
            #expect(try await client.receive(10) == "HELLOearly")
            try await client.close()
        }
    }

    @Test("an upgrade without Connection: upgrade is accepted when nothing comes early", arguments: Transport.allCases)
    func withoutConnectionHeader(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /echo HTTP/1.1\r\nUpgrade: echo\r\n\r\n")
            _ = try await client.receive(through: "\r\n\r\n")
            #expect(try await client.receive(5) == "HELLO")
            try await client.send("after")
            #expect(try await client.receive(5) == "after")
            try await client.close()
        }
    }

    @Test(
        "early bytes that the parser took for HTTP close the connection and nothing worse",
        arguments: ["GET /hello HTTP/1.1\r\n\r\n", "\u{1}\u{2}\u{3}", "GET /unfinished", "POST /x HTTP/1.1\r\nA: b"]
    )
    func earlyWithoutConnectionHeader(early: String) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /echo HTTP/1.1\r\nUpgrade: echo\r\n\r\n" + early)
            #expect(await client.receiveToEnd() == "")
            let other = try await listener.client(.plain)
            try await other.send("GET /hello?still HTTP/1.1\r\n\r\n")
            #expect(try await other.response().body == "hello still")
        }
    }

    @Test(
        "a refused upgrade is answered with its reason and closes",
        arguments: Transport.allCases,
        [
            Sample("426", "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"),
            Sample("400", "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\nearly"),
        ]
    )
    func refused(transport: Transport, request: Sample) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send(request.text)
            let response = try await client.response()
            #expect("\(response.status)" == request.name)
            #expect(response.body.contains("echo"))
            #expect(response.header("connection") == "close")
            #expect(response.header("x-frame-options") == "DENY")
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test(
        "an upgrade that nobody claims is served as a plain request, then the connection closes",
        arguments: Transport.allCases
    )
    func unclaimed(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send(
                "GET /hello?1 HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nearly"
            )
            let response = try await client.response()
            #expect(response.body == "hello 1")
            #expect(response.header("connection") == "close")
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test("handlers see the target in origin form")
    func originForm() async throws {
        let upgrade = EchoUpgrade()
        try await withListener(testSurface(upgrade)) { listener in
            let client = try await listener.client(.tls)
            try await client.send("POST https://h:1/echo?a=b HTTP/1.1\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n")
            _ = try await client.receive(through: "HELLO")
            try await client.close()
        }
        #expect(upgrade.heads.map(\.uri) == ["/echo?a=b"])
        #expect(upgrade.heads.map(\.method) == [.POST])
    }
}

/// Gathers what each flush sends.
private final class FlushRecorder: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer

    private let state = Mutex((open: "", flushed: [String]()))
    var flushed: [String] { state.withLock { $0.flushed } }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        state.withLock { $0.open += String(buffer: Self.unwrapOutboundIn(data)) }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        state.withLock { state in
            if !state.open.isEmpty { state.flushed.append(state.open) }
            state.open = ""
        }
        context.flush()
    }
}
