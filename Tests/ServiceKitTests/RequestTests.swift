import NIOCore
import ServiceKit
import Testing

@Suite("Requests", .timeLimit(.minutes(1)))
struct RequestTests {
    @Test("a kept-alive connection serves one request after another", arguments: Transport.allCases)
    func keepAlive(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            for index in 0..<3 {
                try await client.send("GET /hello?\(index) HTTP/1.1\r\nHost: x\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.body == "hello \(index)")
                #expect(response.header("connection") == nil)
            }
            try await client.close()
        }
    }

    @Test("pipelined requests are answered in order", arguments: Transport.allCases)
    func pipelining(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send(
                "GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"
                    + "GET /hello?3 HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(try await client.response().body == "hello 1")
            #expect(try await client.response().body == "5")
            #expect(try await client.response().body == "hello 3")
            try await client.close()
        }
    }

    @Test("more pipelined requests than the limit close the connection")
    func pipeliningLimit() async throws {
        let limits = ListenerLimits.changed { $0.pipelinedPartCount = 8 }
        try await withListener(testSurface(), limits: limits) { listener in
            let client = try await listener.client(.plain)
            try await client.send(
                String(repeating: "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", count: 20)
            )
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test("a bad request behind a good one is answered after it")
    func pipelinedGarbage() async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\nnonsense \0\r\n\r\n")
            #expect(try await client.response().status == 200)
            #expect(try await client.response().status == 400)
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test(
        "absolute-form targets are served, whatever the authority",
        arguments: Transport.allCases,
        ["https://127.0.0.1:18081/hello?v=130", "http://other.example/hello?v=130", "HTTP://h/hello?v=130"]
    )
    func absoluteForm(transport: Transport, target: String) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET \(target) HTTP/1.1\r\nhost: elsewhere\r\n\r\n")
            #expect(try await client.response().body == "hello v=130")
            try await client.close()
        }
    }

    @Test("HEAD gets the head of GET and no body, and the connection goes on", arguments: Transport.allCases)
    func head(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            for path in ["/hello?12", "/stream"] {
                try await client.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response(hasBody: false).status == 200)
            }
            try await client.send("GET /hello?3 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "hello 3")
            try await client.close()
        }
    }

    @Test("a request arriving byte by byte is served", arguments: Transport.allCases)
    func byteByByte(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            let request = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
            for byte in request.utf8 { try await client.send(ByteBuffer(bytes: [byte])) }
            #expect(try await client.response().body == "3")
            try await client.close()
        }
    }

    @Test("an unknown path is 404 and keeps the connection", arguments: Transport.allCases)
    func notFound(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            for target in ["/nothing", "//", "*", "/hello/%00", "/%ff?%"] {
                let method = target == "*" ? "OPTIONS" : "GET"
                try await client.send("\(method) \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().status == 404, "\(target)")
            }
            try await client.close()
        }
    }

    @Test(
        "HTTP/1.0 and Connection: close end the connection after the answer",
        arguments: [
            "GET /hello?1 HTTP/1.0\r\n\r\n", "GET /hello?1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ]
    )
    func closing(request: String) async throws {
        try await withListener(testSurface()) { listener in
            for transport in Transport.allCases {
                let client = try await listener.client(transport)
                try await client.send(request)
                let response = try await client.response()
                #expect(response.body == "hello 1")
                #expect(response.header("connection") == "close")
                #expect(await client.receiveToEnd() == "")
            }
        }
    }

    @Test("a streamed body to HTTP/1.0 is not chunked and ends with the connection")
    func streamToOldClient() async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let text = await client.receiveToEnd()
            #expect(text.hasSuffix("\r\n\r\npart0 part1 part2 "))
            #expect(!text.lowercased().contains("chunked"))
        }
    }

    @Test("ordinary responses carry the security headers and the request's id", arguments: Transport.allCases)
    func headers(transport: Transport) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(transport)
            try await client.send("GET /id HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try await client.response()
            #expect(response.header("x-content-type-options") == "nosniff")
            #expect(response.header("referrer-policy") == "no-referrer")
            #expect(response.header("x-frame-options") == "DENY")
            #expect(response.header("content-security-policy") == "frame-ancestors 'none'")
            #expect(response.header("x-request-id") == response.body)
            #expect(!response.body.isEmpty)
            try await client.send("GET /framed HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().header("x-frame-options") == "SAMEORIGIN")
            try await client.close()
        }
    }
}
