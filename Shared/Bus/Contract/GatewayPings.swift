public import ControlModel

/// A gateway asks a client whether it is there; others that hold a map stream of it ask, too.
///
/// Owner: control-gateway. Reader: control-gateway. Loss: the client is asked where the asking gateway holds its stream.
public struct PingAsked: BusEvent, Hashable {
    public static let subject = "gateway.ping.asked"

    /// Who asks.
    public var gateway: String
    public var node: NodeID
    /// What the answer carries; nobody can guess it.
    public var token: String

    public init(gateway: String, node: NodeID, token: String) {
        self.gateway = gateway
        self.node = node
        self.token = token
    }
}

/// A client answered a question at a gateway that had not asked it.
///
/// Owner: control-gateway. Reader: control-gateway (the one that asked). Loss: the client counts as silent, and is asked again.
public struct PingAnswered: BusEvent, Hashable {
    public static let subject = "gateway.ping.answered"

    /// What the question carried; nobody can guess it.
    public var token: String

    public init(token: String) {
        self.token = token
    }
}
