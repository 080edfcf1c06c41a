import Hummingbird
import NIOCore
import NIOHTTP1
import ServiceKit
import Synchronization

/// A few routes, and an upgrade of each kind.
final class FuzzedSurface: UpgradeHandler {
    let paths: Set<String> = ["/echo", "/fast", "/bytes"]

    private struct State {
        var runningCount = 0
        var hasUpgraded = false
    }

    private let state = Mutex(State())

    /// Requests that a route has not answered yet.
    var runningCount: Int { state.withLock { $0.runningCount } }
    var hasUpgraded: Bool { state.withLock { $0.hasUpgraded } }

    var surface: HTTPSurface {
        var surface = HTTPSurface()
        surface.upgrades = [self]
        surface.router.get("/hello") { request, _ in self.running { "hello \(request.uri.query ?? "")" } }
        surface.router.post("/length") { request, _ in
            let body = try await request.body.collect(upTo: 4 << 20)
            return self.running { "\(body.readableBytes)" }
        }
        surface.router.get("/stream") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    self.state.withLock { $0.runningCount += 1 }
                    defer { self.state.withLock { $0.runningCount -= 1 } }
                    for index in 0..<3 { try await writer.write(ByteBuffer(string: "part\(index) ")) }
                    try await writer.finish(nil)
                }
            )
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
        surface.router.get("/teapot") { _, _ -> String in throw HTTPError(.init(code: 418), message: "short") }
        return surface
    }

    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        let upgrade = head.headers.first(name: "upgrade")?.lowercased()
        let install: @Sendable (any Channel) throws -> Void = { channel in
            self.state.withLock { $0.hasUpgraded = true }
            try channel.pipeline.syncOperations.addHandler(Echo())
        }
        switch (head.uri.prefix { $0 != "?" }, upgrade) {
        case ("/fast", "echo"): return .accept(UpgradeAcceptance(.none, install: install))
        case ("/bytes", "websocket"):
            return .accept(UpgradeAcceptance(.webSocket(subprotocol: "bytes"), install: install))
        case (_, "echo"):
            return .accept(UpgradeAcceptance(.switchingProtocols(["Upgrade": "echo"]), install: install))
        case ("/echo", _): return .refuse(.upgradeRequired, reason: "echo requires an upgrade")
        default: return .notMine
        }
    }

    private func running(_ body: () -> String) -> String {
        state.withLock { $0.runningCount += 1 }
        defer { state.withLock { $0.runningCount -= 1 } }
        return body()
    }
}

/// Speaks first, then sends back what it gets; a `q` ends it.
private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: "HELLO")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
        if bytes.readableBytesView.contains(UInt8(ascii: "q")) { context.close(promise: nil) }
    }
}
