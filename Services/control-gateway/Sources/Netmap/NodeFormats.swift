import ControlModel
import Foundation
package import IPAddresses
import TailcfgWire

/// How nodes, users and settings of the replica look to clients.
package struct NodeFormats: Sendable {
    var isLogUploadAllowed: Bool
    /// Where node addresses come from: clients answer for their reverse zones.
    var addressPrefixes: [IPPrefix]
    var isTaildropEnabled: Bool

    package init(isLogUploadAllowed: Bool, addressPrefixes: [IPPrefix], isTaildropEnabled: Bool) {
        self.isLogUploadAllowed = isLogUploadAllowed
        self.addressPrefixes = addressPrefixes
        self.isTaildropEnabled = isTaildropEnabled
    }

    /// A node as its peers see it.
    func peer(_ node: Node, in replica: TailnetReplica, now: Date) -> WireNode {
        WireNode(
            node,
            as: .peer,
            name: Self.name(of: node, in: replica),
            allowedIPs: node.addresses,
            isExpired: node.isExpired(at: now)
        )
    }

    /// A node as it sees itself.
    ///
    /// What only the client itself can know (endpoints, home relay, network report) is left out: it would come back to it
    /// with each of its own reports.
    func own(_ node: Node, in replica: TailnetReplica, now: Date) -> WireNode {
        var form = WireNode(
            node,
            as: .selfNode,
            name: Self.name(of: node, in: replica),
            allowedIPs: node.addresses,
            isOnline: true,
            capMap: capabilities,
            isExpired: node.isExpired(at: now)
        )
        form.endpoints = []
        form.homeDERP = 0
        form.hostinfo.netInfo = nil
        return form
    }

    /// Profiles of the given owners that exist, by user id.
    func profiles(of users: some Sequence<Int64>, in replica: TailnetReplica) -> [Int64: WireUserProfile] {
        var profiles: [Int64: WireUserProfile] = [:]
        for raw in users {
            if raw == User.taggedDevicesID {
                profiles[raw] = .taggedDevices
            } else if let id = UserID(raw), let user = replica.users[id] {
                profiles[raw] = WireUserProfile(user)
            }
        }
        return profiles
    }

    /// The profile that a node logs in as.
    static func profile(of node: Node, _ user: User?) -> WireUserProfile {
        guard node.user != nil, let user else { return .taggedDevices }
        return WireUserProfile(user)
    }

    /// The fully qualified name, with its trailing dot.
    static func name(of node: Node, in replica: TailnetReplica) -> String {
        let domain = replica.dns.baseDomain
        return domain.isEmpty ? "\(node.givenName)." : "\(node.givenName).\(domain)."
    }

    private var capabilities: CapabilityMap {
        var map: [String: [RawJSON]] = ["default-auto-update": [.bool(false)]]
        if isTaildropEnabled { map["https://tailscale.com/cap/file-sharing"] = [] }
        return CapabilityMap(map)
    }
}
