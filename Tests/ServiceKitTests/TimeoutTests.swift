import Hummingbird
import NIOCore
import NIOEmbedded
import Testing

@testable import ServiceKit

@Suite("Timeouts", .timeLimit(.minutes(1)))
struct TimeoutTests {
    private func expectClosed(
        _ channel: NIOAsyncTestingChannel,
        after limit: TimeAmount,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await channel.testingEventLoop.advanceTime(by: limit - .milliseconds(1))
        #expect(channel.isActive, sourceLocation: sourceLocation)
        await channel.testingEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive, sourceLocation: sourceLocation)
    }

    @Test("a client that says nothing is closed after 30 seconds")
    func silent() async throws {
        await expectClosed(try await testConnection(), after: .seconds(30))
    }

    @Test("a head that does not end is closed after 30 seconds", arguments: ["G", "GET / HTTP/1.1\r\nA: b\r\n"])
    func slowHead(start: String) async throws {
        let channel = try await testConnection()
        await channel.testingEventLoop.advanceTime(by: .seconds(10))
        try await channel.writeInbound(ByteBuffer(string: start))
        await expectClosed(channel, after: .seconds(30))
    }

    @Test("a head that grows by a byte a while is no longer-lived")
    func trickle() async throws {
        let channel = try await testConnection()
        for byte in "GET / HTTP/1.1\r\nA: bcdefghij".utf8 {
            try await channel.writeInbound(ByteBuffer(bytes: [byte]))
            await channel.testingEventLoop.advanceTime(by: .seconds(1))
        }
        await expectClosed(channel, after: .seconds(30 - 28))
    }

    @Test("a TLS handshake that does not end is closed after 30 seconds")
    func slowHandshake() async throws {
        let channel = try await testConnection(tls: true)
        try await channel.writeInbound(ByteBuffer(bytes: [0x16, 0x03]))
        await expectClosed(channel, after: .seconds(30))
    }

    @Test("a body that does not end is closed after 60 seconds")
    func slowBody() async throws {
        let channel = try await testConnection()
        try await channel.writeInbound(
            ByteBuffer(string: "POST /length HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")
        )
        await expectClosed(channel, after: .seconds(60))
    }

    @Test("a kept-alive connection is closed after 120 idle seconds")
    func idle() async throws {
        let channel = try await testConnection()
        for _ in 0..<2 {
            try await channel.writeInbound(ByteBuffer(string: "GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n"))
            var answer = ""
            while !answer.contains("hello 1") {
                answer += String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self))
            }
            await channel.testingEventLoop.advanceTime(by: .seconds(100))
            #expect(channel.isActive)
        }
        await expectClosed(channel, after: .seconds(20))
    }

    @Test("a handler may take its time")
    func slowHandler() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let surface = HTTPSurface()
        surface.router.get("/wait") { _, _ in
            start.yield()
            try await Task.sleep(for: .seconds(3600))
            return ""
        }
        let channel = try await testConnection(surface)
        try await channel.writeInbound(ByteBuffer(string: "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"))
        for await _ in started { break }
        await channel.testingEventLoop.advanceTime(by: .hours(2))
        #expect(channel.isActive)
        try await channel.close()
    }
}
