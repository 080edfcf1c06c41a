import ControlModel
import Foundation
import TestKit
import Testing

@testable import RegistryService

@Suite("Buffers and orders")
struct BufferTests {
    @Test("reports of a node are merged, the last one wins, nodes keep their order")
    func merge() {
        var buffer = StatusBuffer()
        #expect(buffer.isEmpty)
        _ = buffer.add(NodeStatus(homeDERP: 1, isOnline: true), of: .fixture(2))
        _ = buffer.add(NodeStatus(homeDERP: 5), of: .fixture(1))
        _ = buffer.add(NodeStatus(homeDERP: 2), of: .fixture(2))
        let batch = buffer.take()
        #expect(batch.map(\.node.rawValue) == [2, 1])
        #expect(batch.first?.status == NodeStatus(homeDERP: 2, isOnline: true))
        #expect(buffer.isEmpty)
    }

    @Test("what could not be written goes under what came since")
    func putBack() {
        var buffer = StatusBuffer()
        _ = buffer.add(NodeStatus(homeDERP: 1, isOnline: true), of: .fixture(1))
        let batch = buffer.take()
        _ = buffer.add(NodeStatus(homeDERP: 2), of: .fixture(1))
        buffer.putBack(batch)
        #expect(buffer.take().map(\.status) == [NodeStatus(homeDERP: 2, isOnline: true)])
    }

    @Test("a batch is full at its size, and the buffer at its limit")
    func limits() {
        var buffer = StatusBuffer()
        for number in 1...Int64(StatusBuffer.limit) {
            #expect(buffer.isFull == (number > StatusBuffer.batchSize))
            _ = buffer.add(NodeStatus(), of: .fixture(number))
        }
        let (further, known) = (
            buffer.add(NodeStatus(), of: .fixture(Int64(StatusBuffer.limit) + 1)),
            buffer.add(NodeStatus(), of: .fixture(1))
        )
        #expect(!further)
        #expect(known)
        #expect(buffer.take().count == StatusBuffer.batchSize)
    }

    private func change(_ version: Version) -> RegistryChange {
        RegistryChange(version: version, subject: .apiKey(.fixture(version)))
    }

    @Test("changes wait for those before them")
    func order() {
        var order = ChangeOrder(after: 10)
        #expect(order.accept([change(12), change(13)]) == [])
        #expect(order.hasGap)
        #expect(order.accept([change(11)]).map(\.version) == [11, 12, 13])
        #expect(!order.hasGap)
        #expect(order.accept([change(9), change(13)]) == [])
    }

    @Test("a gap can be given up, and is at the limit")
    func gap() {
        var order = ChangeOrder(after: 0)
        _ = order.accept([change(3), change(5)])
        #expect(order.skipGap().map(\.version) == [3])
        #expect(order.skipGap().map(\.version) == [5])
        #expect(order.skipGap() == [])
        let many = (7...Version(ChangeOrder.limit + 7)).map(change)
        #expect(order.accept(many).count == many.count)
    }

    @Test("an ephemeral node is due when it was offline for the timeout, and not before it was online")
    func roster() {
        var node = Node.fixture(1)
        node.isEphemeral = true
        var roster = EphemeralRoster()
        let due = { (roster: EphemeralRoster, seconds: TimeInterval) in
            roster.due(at: .fixture.addingTimeInterval(seconds), timeout: .seconds(60))
        }
        roster.note(RegistryChange(version: 1, subject: .node(node)))
        #expect(due(roster, 1_000_000) == [])
        (node.isOnline, node.lastSeen) = (true, .fixture)
        roster.note(node)
        #expect(due(roster, 1_000_000) == [])
        node.isOnline = false
        roster.note(node)
        #expect(due(roster, 59) == [])
        #expect(due(roster, 60) == [node.id])
        node.isEphemeral = false
        roster.note(node)
        #expect(due(roster, 60) == [])
        node.isEphemeral = true
        roster.note(node)
        roster.note(RegistryChange(version: 2, subject: .nodeRemoved(node.id)))
        #expect(due(roster, 60) == [])
    }
}
