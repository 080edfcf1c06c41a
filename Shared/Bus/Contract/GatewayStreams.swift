public import ControlModel

/// Nodes opened map streams at a gateway: those that others hold of them are older, and end.
///
/// Owner: control-gateway. Reader: control-gateway. Loss: an older stream elsewhere lives until its connection ends.
public struct StreamsOpened: BusEvent, Hashable {
    public static let subject = "gateway.streams.opened"
    /// Streams that one event tells of at most.
    public static let limit = 1024

    /// Where they are.
    public var gateway: String
    public var streams: [OpenedStream]

    public init(gateway: String, streams: [OpenedStream]) {
        self.gateway = gateway
        self.streams = streams
    }
}

/// A node's map stream at one gateway.
public struct OpenedStream: Codable, Hashable, Sendable {
    public var node: NodeID
    /// Higher than that of any stream that its gateway had heard of when this one opened.
    public var order: Int64

    public init(node: NodeID, order: Int64) {
        self.node = node
        self.order = order
    }
}
