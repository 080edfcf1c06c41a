import ControlModel
import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Log of a class")
struct ClassLogTests {
    private func batch(_ length: Int = 10) -> DeltaBatch {
        var payload = MapPayload()
        payload.append(ByteBuffer(repeating: 1, count: length))
        return DeltaBatch(sharedFrames: payload)
    }

    @Test("a cursor at the end has nothing to read")
    func upToDate() {
        let log = ClassLog()
        log.append(batch())
        guard case .upToDate = log.read(from: log.end) else { Issue.record("expected nothing"); return }
    }

    @Test("a reader gets each batch once, in order")
    func each() {
        let log = ClassLog()
        let start = log.end
        for length in 1...5 { log.append(batch(length)) }
        guard case .batches(let batches, let next) = log.read(from: start) else {
            Issue.record("expected batches"); return
        }
        #expect(batches.map { $0.sharedFrames?.length } == [1, 2, 3, 4, 5])
        #expect(next == log.end)
    }

    @Test("a reader too far behind needs a full map")
    func stale() {
        let log = ClassLog()
        let start = log.end
        for _ in 0...ClassLog.longestCatchUp { log.append(batch()) }
        guard case .stale = log.read(from: start) else { Issue.record("expected stale"); return }
        for _ in 0...ClassLog.retainedBatches { log.append(batch()) }
        guard case .stale = log.read(from: start) else { Issue.record("expected stale"); return }
    }

    @Test("the log's length in bytes is bounded, and its newest batch always there")
    func bytes() {
        let log = ClassLog()
        for _ in 0..<20 { log.append(batch(ClassLog.retainedBytes / 4)) }
        let last = log.end
        log.append(batch(ClassLog.retainedBytes * 2))
        guard case .batches(let batches, _) = log.read(from: last) else { Issue.record("expected the newest"); return }
        #expect(batches.count == 1)
        guard case .stale = log.read(from: last - 2) else { Issue.record("expected stale"); return }
    }

    @Test("a viewer with a payload of its own does not get the shared one")
    func own() throws {
        let node = try #require(NodeID(5))
        var batch = batch()
        batch.own[node] = MapPayload()
        #expect(batch.payload(for: node, isCompressed: true) == nil)
        #expect(batch.payload(for: try #require(NodeID(6)), isCompressed: true)?.length == 10)
        #expect(batch.payload(for: try #require(NodeID(6)), isCompressed: false) == nil)
    }
}
