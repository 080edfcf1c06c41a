public import ControlModel

/// What a device told its gateway of its hardware; the same as before is not written again.
///
/// Owner: registry. Asker: control-gateway. Loss: the device is asked again when it comes back.
public struct ReportPostureIdentity: BusRequest, Hashable {
    public static let subject = "registry.node.posture-identity"

    public var node: NodeID
    public var serialNumbers: [String]
    public var hardwareAddresses: [String]
    /// Whether the device's owner does not let it tell.
    public var isDisabled: Bool

    public init(node: NodeID, serialNumbers: [String], hardwareAddresses: [String], isDisabled: Bool) {
        self.node = node
        self.serialNumbers = serialNumbers
        self.hardwareAddresses = hardwareAddresses
        self.isDisabled = isDisabled
    }

    public typealias Response = Done
}
