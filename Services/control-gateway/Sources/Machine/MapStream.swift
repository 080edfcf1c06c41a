import ControlModel
import NIOCore
import NIOHTTP2

/// What the engine gives to a stream that opens.
struct OpenedMap: Sendable {
    let opening: NetmapEngine.Opening
    /// Distinguishes streams of one node.
    let stream: UInt64
    let first: MapPayload
    let log: ClassLog
    let cursor: ClassLog.Cursor
    let engine: NetmapEngine
}

/// A map stream: a cursor on the log of its class, and what is being written now.
///
/// It owns no queue. The next message is made when the one before has been written, so that a slow client is served what is
/// new by then and costs nothing meanwhile. Bound to its event loop.
final class MapStream {
    let id: UInt64
    private let opening: NetmapEngine.Opening
    private let engine: NetmapEngine
    private let first: MapPayload
    private var log: ClassLog
    private var cursor: ClassLog.Cursor
    private var isWriting = false
    private var isEnded = false
    private var awaitsFullMap = false
    private(set) var lastWrite: NIODeadline
    private let context: ChannelHandlerContext
    private let presence: PresenceReporter
    private let loops: LoopStreams

    init(opened: OpenedMap, presence: PresenceReporter, context: ChannelHandlerContext) {
        id = opened.stream
        opening = opened.opening
        engine = opened.engine
        first = opened.first
        log = opened.log
        cursor = opened.cursor
        lastWrite = .now()
        self.context = context
        self.presence = presence
        loops = opened.engine.streams(on: context.eventLoop)
    }

    func start() {
        loops.add(self)
        write([first])
        presence.streamOpened(opening.node)
        engine.streamStarted(node: opening.node, id: id)
    }

    /// New batches are in the log, or the engine asks for another look.
    func wake() {
        guard !isWriting, !isEnded, !awaitsFullMap else { return }
        switch log.read(from: cursor) {
        case .upToDate:
            return
        case .stale:
            requestFullMap()
        case .batches(let batches, let next):
            cursor = next
            let payloads = batches.compactMap { $0.payload(for: opening.node, isCompressed: opening.isCompressed) }
            if !payloads.isEmpty { write(payloads) }
        }
    }

    /// The next of the wheel's checks, `nil` when the stream has ended; sends a keep-alive when it is time for one.
    func checkKeepAlive(_ keepAlive: (Bool) -> MapPayload) -> TimeAmount? {
        guard !isEnded else { return nil }
        let idle = NIODeadline.now() - lastWrite
        if idle >= KeepAliveWheel<UInt64>.interval {
            if opening.wantsKeepAlive, !isWriting { write([keepAlive(opening.isCompressed)]) }
            return KeepAliveWheel<UInt64>.interval
        }
        return KeepAliveWheel<UInt64>.interval - idle
    }

    /// A newer stream of this node took over, or the node is gone: no more messages.
    func finish() {
        guard !isEnded else { return }
        ended()
        let end = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        context.writeAndFlush(NIOAny(end), promise: nil)
    }

    /// The stream is closed.
    func ended() {
        guard !isEnded else { return }
        isEnded = true
        loops.remove(self)
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
            stream.log = opened.log
            stream.cursor = opened.cursor
            if !stream.isEnded { stream.write([opened.first]) }
        }
    }

    private func write(_ payloads: [MapPayload]) {
        isWriting = true
        lastWrite = .now()
        let promise = context.eventLoop.makePromise(of: Void.self)
        let buffers = payloads.flatMap { $0.framed(allocator: context.channel.allocator) }
        for (index, buffer) in buffers.enumerated() {
            let frame = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(buffer)))
            context.write(NIOAny(frame), promise: index == buffers.count - 1 ? promise : nil)
        }
        context.flush()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            bound.value.isWriting = false
            bound.value.wake()
        }
    }
}
