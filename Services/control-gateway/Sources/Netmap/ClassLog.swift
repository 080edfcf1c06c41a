package import ControlModel
import NIOCore
import Synchronization

/// The recent batches of one class of viewers.
///
/// A map stream is a cursor on it.
///
/// One writer, the engine; read from every event loop. It holds the last batches up to ``retainedBatches`` and
/// ``retainedBytes``; a cursor that falls off its end needs a full map.
final class ClassLog: Sendable {
    static let retainedBatches = 128
    /// In bytes of payloads.
    static let retainedBytes = 8 << 20
    /// A cursor this many batches behind takes a full map instead.
    static let longestCatchUp = 32

    /// How far a stream has read: the number of the next batch.
    typealias Cursor = UInt64

    enum Reading {
        case upToDate
        /// Batches to send, in order, and the cursor after them.
        case batches([DeltaBatch], next: Cursor)
        /// Too far behind.
        case stale
    }

    private struct State {
        var first: Cursor = 0
        var batches: [DeltaBatch] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Where a stream starts that has everything up to now.
    var end: Cursor {
        state.withLock { $0.first + Cursor($0.batches.count) }
    }

    func append(_ batch: DeltaBatch) {
        let length = batch.length
        state.withLock { state in
            state.batches.append(batch)
            state.bytes += length
            var dropped = 0
            while state.batches.count - dropped > 1,
                state.batches.count - dropped > Self.retainedBatches || state.bytes > Self.retainedBytes
            {
                state.bytes -= state.batches[dropped].length
                dropped += 1
            }
            state.batches.removeFirst(dropped)
            state.first += Cursor(dropped)
        }
    }

    func read(from cursor: Cursor) -> Reading {
        state.withLock { state in
            guard cursor >= state.first else { return .stale }
            let skipped = Int(cursor - state.first)
            guard skipped < state.batches.count else { return .upToDate }
            let pending = state.batches[skipped...]
            guard pending.count <= Self.longestCatchUp else { return .stale }
            return .batches(Array(pending), next: state.first + Cursor(state.batches.count))
        }
    }
}

/// What one tick sends to the viewers of a class.
///
/// Most get the shared payload; the nodes that the batch is about get their own, without themselves.
package struct DeltaBatch: Sendable {
    /// For whom the batch holds nothing special, by form; `nil` where no viewer of that form was there, or it has nothing for them.
    var sharedText: MapPayload?
    var sharedFrames: MapPayload?
    /// Viewers with a payload of their own; an empty one means that the batch has nothing for that viewer.
    var own: [NodeID: MapPayload] = [:]
    /// Viewers that read another log from here on.
    var redirects: [NodeID: MapCursor] = [:]

    /// Length of all payloads together, in bytes.
    var length: Int {
        own.values.reduce((sharedText?.length ?? 0) + (sharedFrames?.length ?? 0)) { $0 + $1.length }
    }

    /// The viewer's message, `nil` where there is nothing for it.
    package func payload(for viewer: NodeID, isCompressed: Bool) -> MapPayload? {
        let payload = own[viewer] ?? (isCompressed ? sharedFrames : sharedText)
        guard let payload, payload.length > 0 else { return nil }
        return payload
    }
}
