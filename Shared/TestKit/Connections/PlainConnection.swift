public import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection on which a test says what it likes, and sees what comes.
public final class PlainConnection: Sendable {
    /// Most bytes kept; the connection closes beyond it.
    public static let receiveLimit = 4 << 20

    private let channel: any Channel
    private let record: ByteRecord

    init(channel: any Channel, record: ByteRecord) {
        self.channel = channel
        self.record = record
    }

    public static func open(_ address: ServerAddress) async throws -> PlainConnection {
        let record = ByteRecord()
        let channel = try await ClientChannel.connect(to: address) { channel in
            try channel.pipeline.syncOperations.addHandler(ByteRecorder(record: record))
        }
        return PlainConnection(channel: channel, record: record)
    }

    /// Sends bytes; that the server closed meanwhile is no error here, tests look at ``isClosed``.
    public func send(_ bytes: ByteBuffer) {
        channel.writeAndFlush(bytes, promise: nil)
    }

    public func send(_ text: String) {
        send(ByteBuffer(string: text))
    }

    /// Everything that has come so far.
    public var received: ByteBuffer { record.bytes }

    /// Whether the server has ended the connection, or ``close()`` has.
    public var isClosed: Bool { record.isClosed }

    public func close() {
        channel.close(promise: nil)
    }

    /// Waits until the server has ended the connection; returns all that came.
    @discardableResult
    public func untilClosed() async throws -> ByteBuffer {
        try await eventually("the server closes the connection") { isClosed }
        return received
    }

    /// Waits for a whole HTTP/1 answer.
    public func answer() async throws -> HTTP1Answer {
        try await eventually("an HTTP answer", read: { (received, isClosed) }) { bytes, isClosed in
            if HTTP1Answer(bytes, isAtEnd: isClosed) != nil { return true }
            if isClosed { throw SimulatedClientError.closed(during: "HTTP answer") }
            return false
        }
        guard let answer = HTTP1Answer(received, isAtEnd: isClosed) else {
            throw SimulatedClientError.closed(during: "HTTP answer")
        }
        return answer
    }
}

/// What a connection received.
final class ByteRecord: Sendable {
    private struct State {
        var bytes = ByteBuffer()
        var isClosed = false
    }

    private let state = Mutex(State())

    var bytes: ByteBuffer { state.withLock { $0.bytes } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Returns whether there is room for more.
    func append(_ bytes: ByteBuffer) -> Bool {
        state.withLock { state in
            state.bytes.writeImmutableBuffer(bytes)
            return state.bytes.readableBytes <= PlainConnection.receiveLimit
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
    }
}

/// Keeps what arrives.
final class ByteRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let record: ByteRecord

    init(record: ByteRecord) {
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !record.append(Self.unwrapInboundIn(data)) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        record.close()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
