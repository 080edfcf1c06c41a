import NIOCore
import NIOEmbedded
import Testing

@testable import ServiceKit

@Suite("Accepting")
struct AcceptPauseTests {
    @Test("after a failed accept nothing is accepted for a moment, then it goes on")
    func pause() throws {
        let reads = ReadCounter()
        let channel = EmbeddedChannel(handlers: [reads, AcceptPause(logger: .silent)])
        channel.read()
        #expect(reads.count == 1)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: 24, reason: "accept"))
        channel.read()
        channel.read()
        #expect(reads.count == 1)
        channel.embeddedEventLoop.advanceTime(by: AcceptPause.pause)
        #expect(reads.count == 2)
        channel.read()
        #expect(reads.count == 3)
        _ = try channel.finish()
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = Never
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
