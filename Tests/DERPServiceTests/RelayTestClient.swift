import DERPProtocol
import Keys
import NIOCore
import NIOPosix
import Testing

/// A client on a real socket: shakes hands by itself, reports what the relay sends.
final class RelayTestClient: Sendable {
    let key: NodePrivateKey
    private let channel: any Channel
    private let events: AsyncStream<DERPClientSession.Action>

    /// What a packet looks like to a test.
    struct Packet: Equatable {
        let source: NodePublicKey
        let bytes: ByteBuffer
    }

    struct Unexpected: Error { let event: DERPClientSession.Action? }

    /// Connects and waits until the relay has let it in, unless `waits` is `false`.
    init(
        port: Int,
        key: NodePrivateKey = .generate(),
        info: DERPClientInfo = DERPClientInfo(),
        early: [ByteBuffer] = [],
        waits: Bool = true
    ) async throws {
        var generator = SystemRandomNumberGenerator()
        let session = DERPClientSession(key: key, info: info, nonce: .random(using: &generator))
        let (stream, continuation) = AsyncStream.makeStream(of: DERPClientSession.Action.self)
        self.key = key
        events = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        TestClientHandler(session: session, early: early, events: continuation)
                    )
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        guard waits else { return }
        let first = await next()
        guard case .opened = first else { throw Unexpected(event: first) }
    }

    var publicKey: NodePublicKey { key.publicKey }

    /// The next event; `nil` once the connection is closed.
    func next() async -> DERPClientSession.Action? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    func nextPacket() async throws -> Packet {
        let event = await next()
        guard case .packet(let source, let bytes) = event else { throw Unexpected(event: event) }
        return Packet(source: source, bytes: bytes)
    }

    /// The number that the next packet begins with.
    func nextNumber() async throws -> UInt32 {
        let bytes = try await nextPacket().bytes
        return try #require(bytes.getInteger(at: bytes.readerIndex))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    func send(_ packet: ByteBuffer, to destination: NodePublicKey) async throws {
        try await send(SendPacketFrame(destination: destination, packet: packet).encoded)
    }

    /// Returns once the relay has worked through all that was sent before.
    func ping(_ data: UInt64 = 1) async throws {
        try await send(PingFrame(data: data).encoded)
        let event = await next()
        guard event == .pong(data: data) else { throw Unexpected(event: event) }
    }

    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    func close() async {
        try? await channel.close()
    }
}

private final class TestClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: DERPClientSession
    private var decoder = DERPFrameDecoder(framesFrom: .server)
    /// Sent right behind ClientInfo, before the relay has answered.
    private var early: [ByteBuffer]
    private let events: AsyncStream<DERPClientSession.Action>.Continuation

    init(
        session: DERPClientSession,
        early: [ByteBuffer],
        events: AsyncStream<DERPClientSession.Action>.Continuation
    ) {
        self.session = session
        self.early = early
        self.events = events
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do {
            while let frame = try decoder.next() { perform(session.received(frame), context) }
        } catch {
            perform(.close(.framing(error)), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        events.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func perform(_ action: DERPClientSession.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing:
            break
        case .send(let bytes):
            context.write(wrapOutboundOut(bytes), promise: nil)
            for bytes in early { context.write(wrapOutboundOut(bytes), promise: nil) }
            early = []
            context.flush()
        case .close:
            events.yield(action)
            context.close(promise: nil)
        default:
            events.yield(action)
        }
    }
}
