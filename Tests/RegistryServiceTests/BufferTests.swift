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

    @Test("changes wait for commits under way that may have come before them, and for nobody else")
    func order() {
        var order = ChangeOrder(after: 10)
        let (first, second, third) = (order.begin(), order.begin(), order.begin())
        #expect(order.end(second, [change(12), change(13)]) == [])
        // It began after those that wait, so it does not hold them up.
        let fourth = order.begin()
        #expect(order.end(third, []) == [])
        #expect(order.end(first, [change(11)]).map(\.version) == [11, 12, 13])
        #expect(order.end(fourth, [change(14)]).map(\.version) == [14])
    }

    @Test("versions of other processes are not waited for, and own ones that come late are told all the same")
    func foreign() {
        var order = ChangeOrder(after: 0)
        #expect(order.end(order.begin(), [change(7)]).map(\.version) == [7])
        let (slow, quick) = (order.begin(), order.begin())
        #expect(order.end(quick, [change(11)]) == [])
        #expect(order.end(slow, []).map(\.version) == [11])
        #expect(order.end(order.begin(), [change(9)]).map(\.version) == [9])
    }

    @Test("a commit that does not end is given up from one tick to the next, and at the limit")
    func stuck() {
        var order = ChangeOrder(after: 0)
        _ = order.begin()
        #expect(order.end(order.begin(), [change(3)]) == [])
        #expect(order.tick() == [])
        #expect(order.tick().map(\.version) == [3])
        #expect(order.end(order.begin(), [change(6), change(7)]) == [])
        #expect(order.tick() == [])
        #expect(order.end(order.begin(), [change(5)]) == [])
        #expect(order.takeAll().map(\.version) == [5, 6, 7])
        let many = (10...Version(ChangeOrder.limit + 10)).map(change)
        #expect(order.end(order.begin(), many).count == many.count)
    }
}
