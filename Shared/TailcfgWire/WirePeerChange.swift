public import ControlModel
public import Foundation
public import IPAddresses
public import Keys

/// What changed in a peer; `nil` leaves a field as the client has it.
///
/// - Source: `tailcfg.PeerChange`.
public struct WirePeerChange: Hashable, Sendable {
    public var node: Int64
    public var homeDERP: Int?
    public var capabilityVersion: CapabilityVersion?
    /// Empty clears it.
    public var capMap: CapabilityMap?
    /// Empty clears them.
    public var endpoints: [IPEndpoint]?
    public var key: NodePublicKey?
    /// With a change of this key to a connected peer goes `isOnline`, or clients may drop it.
    public var discoKey: DiscoPublicKey?
    public var isOnline: Bool?
    public var lastSeen: Date?
    /// ``WireTime/zero`` for "never".
    public var keyExpiry: Date?

    public init(node: Int64) {
        self.node = node
    }

    /// Whether it says nothing: then it must not be sent.
    public var isEmpty: Bool { self == WirePeerChange(node: node) }
}

extension JSONWriter {
    /// Writes the fields that are there, after `NodeID`.
    public mutating func writePeerChange(_ change: WirePeerChange) {
        beginObject()
        key("NodeID")
        integer(change.node)
        if let homeDERP = change.homeDERP {
            key("DERPRegion")
            integer(homeDERP)
        }
        if let version = change.capabilityVersion {
            key("Cap")
            integer(version.rawValue)
        }
        if let capMap = change.capMap {
            key("CapMap")
            capabilityMap(capMap)
        }
        if let list = change.endpoints {
            key("Endpoints")
            endpoints(list)
        }
        if let nodeKey = change.key {
            key("Key")
            publicKey(nodeKey)
        }
        if let discoKey = change.discoKey {
            key("DiscoKey")
            publicKey(discoKey)
        }
        field("Online", change.isOnline)
        if let lastSeen = change.lastSeen {
            key("LastSeen")
            time(lastSeen)
        }
        if let expiry = change.keyExpiry {
            key("KeyExpiry")
            time(expiry)
        }
        endObject()
    }
}
