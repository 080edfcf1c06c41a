import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

struct TestFailure: Error {}

/// Routes of most tests, and the echo upgrade.
func testSurface(_ upgrade: any UpgradeHandler = EchoUpgrade()) -> HTTPSurface {
    var surface = HTTPSurface()
    surface.upgrades = [upgrade]
    surface.router.get("/hello") { request, _ in "hello \(request.uri.query ?? "")" }
    surface.router.post("/length") { request, _ in
        let body = try await request.body.collect(upTo: 4 << 20)
        return "\(body.readableBytes)"
    }
    surface.router.get("/secure") { _, context in context.connection.isTLS ? "tls" : "plain" }
    surface.router.get("/from") { _, context in context.connection.remoteAddress?.ipAddress ?? "none" }
    surface.router.get("/local") { _, context in "\(context.connection.isLocalSocket)" }
    surface.router.get("/id") { _, context in context.id }
    surface.router.get("/broken") { _, _ -> String in throw TestFailure() }
    surface.router.get("/teapot") { _, _ -> String in throw HTTPError(.init(code: 418), message: "short") }
    surface.router.get("/stream") { _, _ in
        Response(
            status: .ok,
            body: ResponseBody { writer in
                for index in 0..<3 { try await writer.write(ByteBuffer(string: "part\(index) ")) }
                try await writer.finish(nil)
            }
        )
    }
    surface.router.get("/large") { _, _ in
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(repeating: 0x61, count: 3_000_000)))
    }
    surface.router.get("/short") { _, _ in
        Response(
            status: .ok,
            headers: [.contentLength: "10"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "four"))
                try await writer.finish(nil)
            }
        )
    }
    surface.router.get("/empty") { _, _ in Response(status: .noContent) }
    surface.router.get("/framed") { _, _ in
        Response(status: .ok, headers: [.init("X-Frame-Options") ?? .date: "SAMEORIGIN"])
    }
    return surface
}
