import NIOCore

/// Batches that wait for one client: first in, first out, the oldest frames dropped at the limit.
struct PacketLane: Sendable {
    private let packetLimit: Int
    private let byteLimit: Int
    private var batches = CircularBuffer<PacketBatch>()
    private(set) var packets = 0
    private(set) var byteCount = 0

    init(packetLimit: Int, byteLimit: Int) {
        self.packetLimit = packetLimit
        self.byteLimit = byteLimit
    }

    var isEmpty: Bool { batches.isEmpty }

    /// Returns how many frames were dropped for it; the last batch keeps at least one frame.
    mutating func append(_ batch: PacketBatch) -> Int {
        batches.append(batch)
        packets += batch.count
        byteCount += batch.bytes.readableBytes
        var dropped = 0
        while packets > packetLimit || byteCount > byteLimit, dropOldest() { dropped += 1 }
        return dropped
    }

    mutating func next() -> PacketBatch? {
        guard let batch = batches.popFirst() else { return nil }
        packets -= batch.count
        byteCount -= batch.bytes.readableBytes
        return batch
    }

    private mutating func dropOldest() -> Bool {
        guard var head = batches.popFirst() else { return false }
        let before = head.bytes.readableBytes
        if head.dropFirst() {
            byteCount -= before - head.bytes.readableBytes
            batches.prepend(head)
        } else if batches.isEmpty {
            batches.prepend(head)
            return false
        } else {
            byteCount -= before
        }
        packets -= 1
        return true
    }
}
