import NIOCore
import NIOHTTP1
import ServiceKit
import Synchronization

/// Accepts `Upgrade: echo`: says hello, then sends back what it gets.
final class EchoUpgrade: UpgradeHandler {
    let paths: Set<String> = ["/echo", "/fast", "/bytes"]

    private let seen = Mutex<[HTTPRequestHead]>([])
    var heads: [HTTPRequestHead] { seen.withLock { $0 } }

    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        seen.withLock { $0.append(head) }
        let upgrade = head.headers.first(name: "upgrade")?.lowercased()
        switch (head.uri.prefix { $0 != "?" }, upgrade) {
        case ("/fast", "echo"): return .accept(UpgradeAcceptance(.none, install: Self.install))
        case ("/bytes", "websocket"):
            return .accept(UpgradeAcceptance(.webSocket(subprotocol: "bytes"), install: Self.install))
        case (_, "echo"):
            let answer = UpgradeAcceptance.Answer.switchingProtocols(["Upgrade": "echo", "X-Version": "1"])
            return .accept(UpgradeAcceptance(answer, install: Self.install))
        case ("/echo", nil): return .refuse(.upgradeRequired, reason: "echo requires an upgrade")
        case ("/echo", _): return .refuse(.badRequest, reason: "only echo is spoken here")
        default: return .notMine
        }
    }

    @Sendable private static func install(on channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(EchoHandler())
    }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: "HELLO")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }
}
