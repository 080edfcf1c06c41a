public import ControlModel
public import Keys

/// Sets an attribute of a device, or removes it.
///
/// Owner: registry. Asker: control-gateway (admin API).
///
/// Removing one that the device does not have is refused, so that a slip of the pen is noticed.
public struct SetNodeAttribute: BusRequest, Hashable {
    public static let subject = "registry.node.attribute"

    public var node: NodeID
    public var name: String
    /// Has the same name; `nil` removes it.
    public var attribute: DeviceAttribute?

    public init(node: NodeID, name: String, attribute: DeviceAttribute?) {
        self.node = node
        self.name = name
        self.attribute = attribute
    }

    public typealias Response = Node
}

/// What a client says of its own device: all of it or nothing, and only attributes that clients may set here.
///
/// Owner: registry. Asker: control-gateway.
///
/// The asker vouches for the machine key. Without an expiry. Refused with `unauthorized` where clients may not set them.
public struct ClaimNodeAttributes: BusRequest, Hashable {
    public static let subject = "registry.node.attribute.claim"

    public var nodeKey: NodePublicKey
    public var machineKey: MachinePublicKey
    public var set: [DeviceAttribute]
    /// Names; those that the device does not have are passed over.
    public var removed: [String]

    public init(nodeKey: NodePublicKey, machineKey: MachinePublicKey, set: [DeviceAttribute], removed: [String]) {
        self.nodeKey = nodeKey
        self.machineKey = machineKey
        self.set = set
        self.removed = removed
    }

    public typealias Response = Done
}
