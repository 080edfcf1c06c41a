import Bus
import ControlModel
import NIOCore
import Testing

@testable import ControlGatewayService

@Suite("Which of a node's streams is the newest")
struct StreamOrderTests {
    private let start = NIODeadline.now()
    private let node = NodeID(7)

    /// Two gateways that hear each other when a test says so.
    private let one = Gateway("one")
    private let two = Gateway("two")

    private final class Gateway {
        private let name: String
        private var order: StreamOrder

        init(_ name: String) {
            self.name = name
            order = StreamOrder(gateway: name)
        }

        func opened(_ node: NodeID, stream: UInt64, now: NIODeadline) {
            order.opened(node, stream: stream, now: now)
        }

        func closed(_ node: NodeID, stream: UInt64) -> Bool { order.closed(node, stream: stream) }

        func number(of node: NodeID, stream: UInt64) -> Int64? { order.number(of: node, stream: stream) }

        func hear(_ event: StreamsOpened, now: NIODeadline) -> [NodeID: UInt64] { order.hear(event, now: now) }

        func event(_ node: NodeID, stream: UInt64) throws -> StreamsOpened {
            let number = try #require(order.number(of: node, stream: stream))
            return StreamsOpened(gateway: name, streams: [OpenedStream(node: node, order: number)])
        }
    }

    @Test("of streams that heard of each other the later one stays, however soon and often the node moves")
    func moves() throws {
        let node = try #require(self.node)
        one.opened(node, stream: 1, now: start)
        for round: UInt64 in 1...4 {
            #expect(two.hear(try one.event(node, stream: round), now: start) == [:])
            two.opened(node, stream: round, now: start)
            #expect(one.hear(try two.event(node, stream: round), now: start) == [node: round])
            #expect(one.number(of: node, stream: round) == nil)
            one.opened(node, stream: round + 1, now: start)
            #expect(two.hear(try one.event(node, stream: round + 1), now: start) == [node: round])
            #expect(two.number(of: node, stream: round) == nil)
        }
    }

    @Test("of streams that did not hear of each other exactly one ends, and the next one stays")
    func crossing() throws {
        let node = try #require(self.node)
        one.opened(node, stream: 1, now: start)
        two.opened(node, stream: 1, now: start)
        let events = (try one.event(node, stream: 1), try two.event(node, stream: 1))
        #expect(events.0.streams == events.1.streams)
        #expect(one.hear(events.1, now: start) == [node: 1])
        #expect(two.hear(events.0, now: start) == [:])
        one.opened(node, stream: 2, now: start)
        #expect(two.hear(try one.event(node, stream: 2), now: start) == [node: 1])
    }

    @Test("a stream that has been there for longer than events are under way ends, whatever number it has")
    func old() throws {
        let node = try #require(self.node)
        // A gateway that has just started, and heard nothing yet.
        for stream: UInt64 in 1...9 { one.opened(node, stream: stream, now: start) }
        two.opened(node, stream: 1, now: start)
        let event = try two.event(node, stream: 1)
        #expect(one.hear(event, now: start + StreamOrder.overlap) == [:])
        #expect(one.hear(event, now: start + StreamOrder.overlap + .nanoseconds(1)) == [node: 9])
        one.opened(node, stream: 10, now: start)
        #expect(two.hear(try one.event(node, stream: 10), now: start) == [node: 1])
    }

    @Test("what a gateway says itself, repeats, and says of nodes that are not here ends nothing")
    func nothing() throws {
        let node = try #require(self.node)
        one.opened(node, stream: 1, now: start)
        let own = try one.event(node, stream: 1)
        #expect(one.hear(own, now: start + .hours(1)) == [:])
        #expect(two.hear(own, now: start) == [:])
        two.opened(node, stream: 1, now: start)
        #expect(two.hear(own, now: start) == [:])
        #expect(!one.closed(node, stream: 2))
        #expect(one.closed(node, stream: 1))
        #expect(one.hear(try two.event(node, stream: 1), now: start) == [:])
    }

    @Test("a number that leaves no room for higher ones is nobody's")
    func highest() throws {
        let node = try #require(self.node)
        one.opened(node, stream: 1, now: start)
        let streams = [OpenedStream(node: node, order: .max)]
        #expect(one.hear(StreamsOpened(gateway: "two", streams: streams), now: start + .hours(1)) == [:])
        one.opened(node, stream: 2, now: start)
        #expect(one.number(of: node, stream: 2) == 2)
    }
}
