import NIOCore
import ServiceKit
import TestKit
import Testing

@Suite("Requests that may be longer", .timeLimit(.minutes(1)))
struct LongBodyTests {
    let limits = ListenerLimits.changed {
        $0.bodyLength = 1000
        $0.longBodies = LongBodies(path: "/length", bodyLength: 5000, count: 1)
    }

    private static func request(_ path: String, _ length: Int, isChunked: Bool = false) -> (head: String, body: String)
    {
        let framing =
            isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(length)"
        let text = String(repeating: "a", count: length)
        let body = isChunked ? "\(String(length, radix: 16))\r\n\(text)\r\n0\r\n\r\n" : text
        return ("POST \(path) HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n", body)
    }

    @Test("they are taken at their path up to their own limit, with a length or in chunks", arguments: [false, true])
    func taken(isChunked: Bool) async throws {
        try await withListener(testSurface(), limits: limits) { listener in
            for (path, length, status) in [
                ("/length", 5000, 200), ("/length?a=b", 1001, 200), ("/length", 5001, 413), ("/lengthy", 1001, 413),
                ("/hello", 1001, 413), ("/length", 1000, 200),
            ] {
                let client = try await listener.client(.plain)
                let (head, body) = Self.request(path, length, isChunked: isChunked)
                try await client.send(head + body)
                let response = try await client.response()
                #expect(response.status == status, "\(path) \(length)")
                if status == 200 { #expect(response.body == "\(length)") }
            }
        }
    }

    @Test("only so many are held at once, shorter ones always; a place is free again after the answer, or the end")
    func places() async throws {
        try await withListener(testSurface(), limits: limits) { listener in
            let first = try await listener.client(.plain)
            let (head, body) = Self.request("/length", 3000)
            try await first.send(head + body.prefix(10))
            try await eventually("the place is taken") { try await Self.status(listener, 3000) == 503 }
            #expect(try await Self.status(listener, 900) == 200)
            #expect(try await Self.status(listener, 6000) == 413)
            try await first.send(String(body.dropFirst(10)))
            #expect(try await first.response().body == "3000")
            try await eventually("the place is free") { try await Self.status(listener, 3000) == 200 }
            let second = try await listener.client(.plain)
            try await second.send(head)
            try await eventually("the place is taken") { try await Self.status(listener, 3000) == 503 }
            try await second.close()
            try await eventually("the place is free") { try await Self.status(listener, 3000) == 200 }
        }
    }

    private static func status(_ listener: RunningListener, _ length: Int) async throws -> Int {
        let client = try await listener.client(.plain)
        let (head, body) = request("/length", length)
        try await client.send(head + body)
        return Int(try await client.response().status)
    }
}
