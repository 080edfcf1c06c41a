import Bus
import ControlModel
import NIOCore

/// Finds out which of a node's map streams at several gateways is the newest, without clocks that gateways share.
///
/// A stream's number is higher than all its gateway has heard of. So who hears of a higher number than its own stream's has the older
/// one; where neither had heard of the other, one of the two ends, and the client comes back with a number above both. A stream that
/// has been there for longer than events are under way is the older one whatever the numbers say: its gateway told of it long before,
/// and the other did not hear.
struct StreamOrder {
    /// How long an event may be under way.
    static let overlap = TimeAmount.seconds(5)
    /// Numbers above are nobody's: they would leave no room for higher ones.
    static let highestNumber = Int64.max / 2

    private struct Place {
        var stream: UInt64
        var number: Int64
        var opened: NIODeadline
    }

    private let gateway: String
    /// The highest number heard of or given.
    private(set) var highest: Int64 = 0
    private var places: [NodeID: Place] = [:]

    /// - Parameter gateway: this one's name; it decides between equal numbers.
    init(gateway: String) {
        self.gateway = gateway
    }

    /// A stream opened here, in place of the one that the node had here.
    mutating func opened(_ node: NodeID, stream: UInt64, now: NIODeadline) {
        highest += 1
        places[node] = Place(stream: stream, number: highest, opened: now)
    }

    /// Returns whether it was the one that the node had here.
    mutating func closed(_ node: NodeID, stream: UInt64) -> Bool {
        guard places[node]?.stream == stream else { return false }
        places[node] = nil
        return true
    }

    /// The number of a node's stream; `nil` where it is not the one it has here now.
    func number(of node: NodeID, stream: UInt64) -> Int64? {
        places[node].flatMap { $0.stream == stream ? $0.number : nil }
    }

    /// Takes what another gateway says; returns the streams here that are older, by node, and forgets them.
    mutating func hear(_ event: StreamsOpened, now: NIODeadline) -> [NodeID: UInt64] {
        guard event.gateway != gateway else { return [:] }
        var older: [NodeID: UInt64] = [:]
        for other in event.streams where other.order <= Self.highestNumber {
            highest = max(highest, other.order)
            guard let own = places[other.node] else { continue }
            let isLower = (own.number, gateway) < (other.order, event.gateway)
            guard isLower || own.opened + Self.overlap < now else { continue }
            older[other.node] = own.stream
            places[other.node] = nil
        }
        return older
    }
}
