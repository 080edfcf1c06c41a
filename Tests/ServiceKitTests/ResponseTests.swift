import Hummingbird
import NIOCore
import ServiceKit
import Synchronization
import Testing

@Suite("Responses", .timeLimit(.minutes(1)))
struct ResponseTests {
    @Test(
        "a handler that fails answers 500 with a constant text, and the connection goes on",
        arguments: Transport.allCases
    )
    func handlerError(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 500)
            #expect(response.body == "internal error\n")
            try await client.send("GET /teapot HTTP/1.1\r\nHost: x\r\n\r\n")
            let teapot = try await client.response()
            #expect(teapot.status == 418)
            #expect(teapot.body.contains("short"))
            try await client.send("GET /hello?on HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "hello on")
            try await client.close()
        }
    }

    @Test("streamed, large and empty bodies arrive whole", arguments: Transport.allCases)
    func bodies(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "part0 part1 part2 ")
            try await client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body.utf8.count == 3_000_000)
            try await client.send("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().status == 204)
            try await client.send("GET /hello?on HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "hello on")
            try await client.close()
        }
    }

    @Test("a body shorter than its head said closes the connection instead of confusing the next answer")
    func shortBody() async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send(
                "GET /short HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(await !client.receiveToEnd().contains("hello"))
        }
    }

    @Test("a body is written no faster than the client reads")
    func backPressure() async throws {
        let written = Mutex(0)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let surface = HTTPSurface()
        surface.router.get("/endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    while true {
                        try await writer.write(ByteBuffer(repeating: 0, count: 256 << 10))
                        written.withLock { $0 += 256 << 10 }
                        start.yield()
                    }
                }
            )
        }
        // A client that never reads is given up; by then only what the sockets hold was written.
        let limits = ListenerLimits.changed { $0.writeTimeout = .milliseconds(200) }
        try await withListener(surface, limits: limits) { listener in
            let client = try await listener.client(.plain)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in started { break }
        }
        #expect(written.withLock { $0 } < 64 << 20)
    }

    @Test("a client that goes away cancels its handler", arguments: Transport.allCases)
    func clientAbort(transport: Transport) async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Bool.self)
        let surface = HTTPSurface()
        surface.router.get("/wait") { _, _ -> String in
            start.yield()
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                end.yield(Task.isCancelled)
            }
            return ""
        }
        try await withListener(surface) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in started { break }
            try await client.close()
            for await wasCancelled in ended {
                #expect(wasCancelled)
                break
            }
        }
    }
}
