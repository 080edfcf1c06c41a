import NIOCore
import NoiseProtocol

/// Turns bytes into plaintext and back: the record layer between the socket and HTTP/2.
///
/// What is written between two flushes is sealed together, so that many small frames fill records.
final class NoiseRecordHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let sender: NoiseSender
    private let receiver: NoiseReceiver
    private var pending = CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>()

    init(keys: NoiseTransportKeys) throws(NoiseError) {
        sender = try NoiseSender(keys)
        receiver = try NoiseReceiver(keys)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var sealed = Self.unwrapInboundIn(data)
        var plaintext = context.channel.allocator.buffer(capacity: sealed.readableBytes)
        do {
            try receiver.open(&sealed, into: &plaintext)
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        if plaintext.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(plaintext)) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        pending.append((Self.unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        sealPending(context)
        context.flush()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        sealPending(context)
        context.close(mode: mode, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The listener stops. Clients take a closed connection as a reason to connect again, at once.
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        while let write = pending.popFirst() { write.promise?.fail(ChannelError.ioOnClosedChannel) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        while let write = pending.popFirst() { write.promise?.fail(ChannelError.ioOnClosedChannel) }
        context.fireChannelInactive()
    }

    private func sealPending(_ context: ChannelHandlerContext) {
        guard let first = pending.popFirst() else { return }
        var plaintext = first.bytes
        var promises = [first.promise].compactMap { $0 }
        while let next = pending.popFirst() {
            plaintext.writeImmutableBuffer(next.bytes)
            if let promise = next.promise { promises.append(promise) }
        }
        // A record's overhead is 19 bytes for each 4077.
        var sealed = context.channel.allocator.buffer(
            capacity: plaintext.readableBytes + plaintext.readableBytes / 200 + 32
        )
        do {
            try sender.seal(&plaintext, into: &sealed)
        } catch {
            for promise in promises { promise.fail(error) }
            context.close(promise: nil)
            return
        }
        context.write(Self.wrapOutboundOut(sealed), promise: Self.joined(promises, context.eventLoop))
    }

    /// One promise that completes all.
    private static func joined(
        _ promises: [EventLoopPromise<Void>],
        _ eventLoop: any EventLoop
    ) -> EventLoopPromise<Void>? {
        guard promises.count > 1 else { return promises.first }
        let joined = eventLoop.makePromise(of: Void.self)
        joined.futureResult.whenComplete { result in
            for promise in promises { promise.completeWith(result) }
        }
        return joined
    }
}
