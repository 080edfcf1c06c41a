import ControlModel
import CoreMetrics
import NIOCore
import NIOHTTP2

/// What the engine gives to a stream that opens.
struct OpenedMap: Sendable {
    let opening: NetmapEngine.Opening
    /// Distinguishes streams of one node.
    let stream: UInt64
    let first: MapPayload
    let cursor: MapCursor
    let engine: NetmapEngine
}

/// A map stream: a cursor on the log of its class, and what is being written now.
///
/// It owns no queue. The next message is made when the channel has taken the one before, so that a slow client is served what
/// is new by then and costs nothing meanwhile. Bound to its event loop.
final class MapStream {
    let id: UInt64
    private let opening: NetmapEngine.Opening
    private let engine: NetmapEngine
    private var cursor: MapCursor
    /// What of the current messages is not written yet; mostly pieces that all viewers share.
    private var outgoing: ArraySlice<ByteBuffer> = []
    /// Whether the channel has not taken the current messages whole.
    private var isFinishingMessage = false
    private var isEnded = false
    /// Messages beside the log that wait for their turn; beyond ``asideLimit`` the oldest is lost.
    private var aside: [MapPayload] = []
    private static let asideLimit = 4
    /// Whether the stream ends when those are out.
    private var isEnding = false
    private var awaitsFullMap = false
    private(set) var lastWrite: NIODeadline
    private let context: ChannelHandlerContext
    private let presence: PresenceReporter
    private let loops: LoopStreams

    init(opened: OpenedMap, presence: PresenceReporter, context: ChannelHandlerContext) {
        id = opened.stream
        opening = opened.opening
        engine = opened.engine
        cursor = opened.cursor
        lastWrite = .now()
        self.context = context
        self.presence = presence
        loops = opened.engine.streams(on: context.eventLoop)
    }

    func start(with first: MapPayload) {
        loops.add(self)
        engine.metrics.streams.increment()
        // Before the first write: that may find the socket broken, and what is closed must have been opened.
        presence.streamOpened(opening.node)
        write([first])
        engine.streamStarted(node: opening.node, id: id)
    }

    /// New batches are in the log, or the engine asks for another look.
    func wake() {
        guard !isFinishingMessage, !isEnded, !awaitsFullMap else { return }
        if !aside.isEmpty {
            let waiting = aside
            aside = []
            return write(waiting)
        }
        guard !isEnding else { return finish() }
        switch cursor.read(for: opening.node, isCompressed: opening.isCompressed) {
        case .stale:
            requestFullMap()
        case .messages(let payloads):
            if !payloads.isEmpty { write(payloads) }
        }
    }

    /// Sends a message that is about no state, such as a question.
    func send(_ message: (_ isCompressed: Bool) -> MapPayload) {
        guard !isEnding else { return }
        if aside.count == Self.asideLimit { aside.removeFirst() }
        aside.append(message(opening.isCompressed))
        wake()
    }

    /// When to check again, `nil` when the stream has ended; sends a keep-alive when it is time for one.
    func checkKeepAlive(_ keepAlive: (Bool) -> MapPayload) -> TimeAmount? {
        guard !isEnded else { return nil }
        let idle = NIODeadline.now() - lastWrite
        guard idle >= KeepAliveWheel<UInt64>.interval else { return KeepAliveWheel<UInt64>.interval - idle }
        guard !isFinishingMessage else {
            // The client has taken nothing for a whole interval. If it lives it comes back and gets a full map.
            context.close(promise: nil)
            return nil
        }
        if opening.wantsKeepAlive { write([keepAlive(opening.isCompressed)]) }
        return KeepAliveWheel<UInt64>.interval
    }

    /// A newer stream of this node took over, or the node is gone: no more messages but those that wait beside the log.
    func finish() {
        guard !isEnded else { return }
        isEnding = true
        // While they wait the client takes nothing; it is closed when it goes on so.
        guard aside.isEmpty else { return wake() }
        ended()
        let end = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        context.writeAndFlush(NIOAny(end), promise: nil)
    }

    /// The stream is closed.
    func ended() {
        guard !isEnded else { return }
        isEnded = true
        loops.remove(self)
        engine.metrics.streams.decrement()
        presence.streamClosed(opening.node)
        engine.streamClosed(node: opening.node, id: id)
    }

    private func requestFullMap() {
        awaitsFullMap = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        engine.reopen(opening, stream: id, on: context.eventLoop) { opened in
            let stream = bound.value
            stream.awaitsFullMap = false
            guard let opened else { return stream.finish() }
            stream.cursor = opened.cursor
            if !stream.isEnded { stream.write([opened.first]) }
        }
    }

    /// The channel takes more, or less, than before.
    func writabilityChanged() {
        pump()
    }

    private func write(_ payloads: [MapPayload]) {
        lastWrite = .now()
        isFinishingMessage = true
        engine.metrics.messages.increment(by: payloads.count)
        outgoing = payloads.flatMap { $0.framed(allocator: context.channel.allocator) }[...]
        pump()
    }

    /// Writes as much as the channel takes; when all is out, looks for what is new.
    private func pump() {
        guard !isEnded, isFinishingMessage else { return }
        var written = 0
        while context.channel.isWritable, let buffer = outgoing.popFirst() {
            written += buffer.readableBytes
            context.write(NIOAny(HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(buffer)))), promise: nil)
            lastWrite = .now()
        }
        if written > 0 { engine.metrics.bytes.increment(by: written) }
        context.flush()
        guard outgoing.isEmpty, context.channel.isWritable else { return }
        isFinishingMessage = false
        wake()
    }
}
