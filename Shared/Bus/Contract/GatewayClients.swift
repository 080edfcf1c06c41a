public import ControlModel
public import Foundation
public import IPAddresses
public import Keys

/// A gateway asks a client something that has more than one answer; all gateways that hold a map stream of it ask.
///
/// Owner: control-gateway. Reader: control-gateway. Loss: the client is asked where the asking gateway holds its stream, or not at all.
public struct ClientAsked: BusEvent, Hashable {
    public static let subject = "gateway.client.asked"

    /// Who asks.
    public var gateway: String
    public var node: NodeID
    /// Of the client, from which alone an answer is taken.
    public var machineKey: MachinePublicKey
    /// Where the answer goes; nobody can guess it.
    public var token: String
    /// As clients know it: `c2n`, or a kind of ping.
    public var types: String
    /// Whom the client is to ping.
    public var address: IPAddress?
    /// A whole HTTP/1.1 request, for `c2n`.
    public var payload: Data?
    /// How long the answer is waited for, in seconds.
    public var patience: Int

    public init(
        gateway: String,
        node: NodeID,
        machineKey: MachinePublicKey,
        token: String,
        types: String,
        address: IPAddress? = nil,
        payload: Data? = nil,
        patience: Int
    ) {
        self.gateway = gateway
        self.node = node
        self.machineKey = machineKey
        self.token = token
        self.types = types
        self.address = address
        self.payload = payload
        self.patience = patience
    }
}

/// A client answered at a gateway that had not asked it.
///
/// Owner: control-gateway. Reader: control-gateway (the one that asked). Loss: the client counts as silent.
public struct ClientAnswered: BusEvent, Hashable {
    public static let subject = "gateway.client.answered"

    /// Who asked.
    public var gateway: String
    /// What the question carried; nobody can guess it.
    public var token: String
    /// Who answered, as the Noise handshake proved.
    public var machineKey: MachinePublicKey
    /// As the client sent it; `nil`: it was longer than gateways take.
    public var body: Data?

    public init(gateway: String, token: String, machineKey: MachinePublicKey, body: Data?) {
        self.gateway = gateway
        self.token = token
        self.machineKey = machineKey
        self.body = body
    }
}
