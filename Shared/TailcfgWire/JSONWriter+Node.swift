import ControlModel
import Foundation
import Keys

extension JSONWriter {
    /// Largest region that the old form of a home relay can tell.
    private static let largestLegacyRegion = Int(UInt16.max)

    /// Writes a node with the fields of `tailcfg.Node`; what is empty or unknown is left out.
    public mutating func writeNode(_ node: WireNode) {
        beginObject()
        writeIdentity(of: node)
        writePaths(of: node)
        key("Hostinfo")
        writeHostinfo(node.hostinfo)
        writeState(of: node)
        endObject()
    }

    private mutating func writeIdentity(of node: WireNode) {
        key("ID")
        integer(node.id)
        key("StableID")
        string(node.stableID)
        key("Name")
        text(node.name)
        key("User")
        integer(node.user)
        key("Key")
        publicKey(node.key)
        if let expiry = node.keyExpiry {
            key("KeyExpiry")
            time(expiry)
        }
        if !node.machine.isZero {
            key("Machine")
            publicKey(node.machine)
        }
        if !node.discoKey.isZero {
            key("DiscoKey")
            publicKey(node.discoKey)
        }
    }

    private mutating func writePaths(of node: WireNode) {
        key("Addresses")
        prefixes(node.addresses)
        key("AllowedIPs")
        prefixes(node.allowedIPs)
        if !node.endpoints.isEmpty {
            key("Endpoints")
            endpoints(node.endpoints)
        }
        guard node.homeDERP > 0 else { return }
        if node.homeDERP <= Self.largestLegacyRegion {
            key("DERP")
            appendQuoted(atMost: 31) { sink in
                sink.put("127.3.3.40:")
                sink.put(decimal: Int64(node.homeDERP))
            }
        }
        key("HomeDERP")
        integer(node.homeDERP)
    }

    private mutating func writeState(of node: WireNode) {
        key("Created")
        time(node.created)
        if node.capabilityVersion.rawValue > 0 {
            key("Cap")
            integer(node.capabilityVersion.rawValue)
        }
        if !node.tags.isEmpty {
            key("Tags")
            texts(node.tags)
        }
        if !node.primaryRoutes.isEmpty {
            key("PrimaryRoutes")
            prefixes(node.primaryRoutes)
        }
        if let lastSeen = node.lastSeen {
            key("LastSeen")
            time(lastSeen)
        }
        if let isOnline = node.isOnline {
            key("Online")
            bool(isOnline)
        }
        if node.isMachineAuthorized {
            key("MachineAuthorized")
            bool(true)
        }
        if !node.capMap.isEmpty {
            key("CapMap")
            capabilityMap(node.capMap)
        }
        if node.isExpired {
            key("Expired")
            bool(true)
        }
    }
}
