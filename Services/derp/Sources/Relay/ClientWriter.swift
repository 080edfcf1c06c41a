import Metrics
import NIOCore

/// The sending half of a client's connection: writes while the socket takes it, flushes once, notices a stalled socket.
final class ClientWriter {
    private let limits: DERPRelayLimits
    private let metrics: DERPMetrics
    /// At most one; further pings go unanswered until it is sent.
    private var waitingPong: ByteBuffer?
    private var isDraining = false
    private var needsFlush = false
    private var stallTimer: Scheduled<Void>?

    init(limits: DERPRelayLimits, metrics: DERPMetrics) {
        self.limits = limits
        self.metrics = metrics
    }

    /// Sends handshake and keep-alive frames at once; left out when the socket is full, since then it is not idle.
    func send(_ frames: ByteBuffer, to context: ChannelHandlerContext) {
        enqueue(frames, to: context)
        flush(context)
    }

    /// Writes a small frame to leave with the next flush; left out when the socket is full.
    func enqueue(_ frame: ByteBuffer, to context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        write(frame, to: context)
    }

    func pong(_ frame: ByteBuffer, to context: ChannelHandlerContext) {
        metrics.pings.increment()
        if context.channel.isWritable {
            write(frame, to: context)
        } else if waitingPong == nil {
            waitingPong = frame
        }
    }

    func flush(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    /// Writes what waits; ends with an idle mailbox, or with a suspended one and a full socket.
    func drain(_ mailbox: Mailbox, to context: ChannelHandlerContext) {
        // A flush may report writability, which leads here again: the outer call goes on with the loop.
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        if context.channel.isWritable, let waitingPong {
            self.waitingPong = nil
            write(waitingPong, to: context)
        }
        var unflushed = 0
        while true {
            guard context.channel.isWritable else {
                if needsFlush {
                    flush(context)
                    unflushed = 0
                    continue
                }
                mailbox.suspend()
                return
            }
            guard let batch = mailbox.take() else { break }
            metrics.sentPackets.increment(by: batch.count)
            metrics.sentBytes.increment(by: batch.bytes.readableBytes)
            write(batch.bytes, to: context)
            unflushed += batch.bytes.readableBytes
            // TLS counts bytes only once they are flushed, so that writability alone would let all of them through.
            if unflushed >= limits.unflushedBytes {
                flush(context)
                unflushed = 0
            }
        }
        flush(context)
    }

    /// Calls `stalled` when the full socket takes nothing during a whole ``DERPRelayLimits/writeStall``.
    func watchStall(_ context: ChannelHandlerContext, stalled: @escaping () -> Void) {
        guard stallTimer == nil else { return }
        let before = bufferedBytes(context)
        stallTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.writeStall) { [weak self] in
            guard let self else { return }
            self.stallTimer = nil
            guard !context.channel.isWritable else { return }
            // Writes end while the socket is full: fewer bytes mean that it took some.
            if self.bufferedBytes(context) < before {
                self.watchStall(context, stalled: stalled)
            } else {
                stalled()
            }
        }
    }

    func end() {
        stallTimer?.cancel()
        stallTimer = nil
        waitingPong = nil
    }

    private func write(_ frames: ByteBuffer, to context: ChannelHandlerContext) {
        needsFlush = true
        context.write(NIOAny(frames), promise: nil)
    }

    private func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
        // Only a channel that is closed or has no socket refuses; both count as taking nothing.
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? .max
    }
}
