import Foundation
import NIOCore

/// The map streams of one event loop, and their keep-alive wheel.
final class LoopStreams: Sendable {
    private struct State {
        var streams: [UInt64: MapStream] = [:]
        var wheel = KeepAliveWheel<UInt64>()
        var timer: RepeatedTask?
        let encoder = PieceEncoder()
    }

    private let state: NIOLoopBoundBox<State>
    private let eventLoop: any EventLoop
    private let now: @Sendable () -> Date

    init(eventLoop: any EventLoop, now: @escaping @Sendable () -> Date) {
        self.eventLoop = eventLoop
        self.now = now
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    func add(_ stream: MapStream) {
        state.value.streams[stream.id] = stream
        let jitter = Int64(stream.id % UInt64(KeepAliveWheel<UInt64>.jitterSeconds + 1))
        state.value.wheel.schedule(stream.id, after: KeepAliveWheel<UInt64>.interval + .seconds(jitter))
        if state.value.timer == nil {
            state.value.timer = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                self.turnWheel()
            }
        }
    }

    func remove(_ stream: MapStream) {
        state.value.streams[stream.id] = nil
        if state.value.streams.isEmpty {
            state.value.timer?.cancel()
            state.value.timer = nil
        }
    }

    /// Lets all streams look at their logs; from any thread.
    func wakeAll() {
        eventLoop.execute {
            for stream in self.state.value.streams.values { stream.wake() }
        }
    }

    /// Ends those of the streams that are here; from any thread.
    func finish(_ ids: [UInt64]) {
        eventLoop.execute {
            for id in ids { self.state.value.streams[id]?.finish() }
        }
    }

    /// Sends a message to a stream that is here; from any thread.
    func send(_ message: ByteBuffer, to id: UInt64) {
        eventLoop.execute {
            guard let stream = self.state.value.streams[id] else { return }
            stream.send { self.payload(of: message, isCompressed: $0) }
        }
    }

    private func turnWheel() {
        for id in state.value.wheel.advance() {
            guard let stream = state.value.streams[id] else { continue }
            guard let next = stream.checkKeepAlive({ keepAlive(isCompressed: $0) }) else { continue }
            state.value.wheel.schedule(id, after: next)
        }
    }

    private func keepAlive(isCompressed: Bool) -> MapPayload {
        payload(of: MapText.keepAlive(now: now()), isCompressed: isCompressed)
    }

    private func payload(of message: ByteBuffer, isCompressed: Bool) -> MapPayload {
        var writer = PieceWriter(encoder: state.value.encoder, isCompressed: isCompressed)
        writer.write { $0.writeImmutableBuffer(message) }
        return writer.finish()
    }
}
