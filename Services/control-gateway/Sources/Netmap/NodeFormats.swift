import ControlModel
import Foundation
package import IPAddresses
import PolicyLanguage
import TailcfgWire

/// How nodes, users and settings of the replica look to clients.
package struct NodeFormats: Sendable {
    var isLogUploadAllowed: Bool
    /// Where node addresses come from: clients answer for their reverse zones.
    var addressPrefixes: [IPPrefix]
    var isTaildropEnabled: Bool
    /// What clients are told of newer releases; `nil`: nothing.
    var clientReleases: ClientReleases?
    /// What nodes may do where there is no policy.
    private let withoutPolicy: CapabilityMap
    /// What all nodes have, whatever the policy says.
    private let always: [String: [RawJSON]]

    /// - Parameter tailnetName: What clients call the tailnet; `nil`: its domain.
    package init(
        isLogUploadAllowed: Bool,
        addressPrefixes: [IPPrefix],
        isTaildropEnabled: Bool,
        tailnetName: String? = nil
    ) {
        self.isLogUploadAllowed = isLogUploadAllowed
        self.addressPrefixes = addressPrefixes
        self.isTaildropEnabled = isTaildropEnabled
        always = tailnetName.map { [Self.displayName: [.string($0)]] } ?? [:]
        var values = always
        values["default-auto-update"] = [.bool(false)]
        if isTaildropEnabled { values[Self.taildrop] = [] }
        withoutPolicy = CapabilityMap(values)
    }

    /// A node as its peers see it.
    ///
    /// Routes and what else differs between viewers are not in it.
    func peer(_ node: Node, in replica: TailnetReplica, isWithoutIPv4: Bool, now: Date) -> WireNode {
        var form = WireNode(
            node,
            as: .peer,
            name: Self.name(of: node, in: replica),
            allowedIPs: node.addresses,
            isExpired: node.isExpired(at: now)
        )
        if isWithoutIPv4 {
            form.addresses = form.addresses.filter { $0.address.bitLength == 128 }
            form.allowedIPs = form.addresses
        }
        return form
    }

    /// A node as it sees itself.
    ///
    /// What only the client itself can know (endpoints, home relay, network report) is left out: it would come back to it
    /// with each of its own reports.
    ///
    /// - Parameter view: what the policy engine says, `nil` for a node that it does not know yet.
    func own(
        _ node: Node,
        in replica: TailnetReplica,
        view: SelfView?,
        isPolicyInForce: Bool,
        now: Date
    ) -> WireNode {
        var form = WireNode(
            node,
            as: .selfNode,
            name: Self.name(of: node, in: replica),
            allowedIPs: view?.allowedIPs ?? node.addresses,
            primaryRoutes: view?.primaryRoutes ?? [],
            isOnline: true,
            capMap: capabilities(isPolicyInForce ? view?.capabilities : nil),
            isExpired: node.isExpired(at: now),
            isMachineAuthorized: node.isApproved
        )
        form.endpoints = []
        form.homeDERP = 0
        form.hostinfo.netInfo = nil
        if let view { form.addresses = form.addresses.filter(view.allowedIPs.contains) }
        return form
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

    private func capabilities(_ granted: [PacketFilterRule.Capability]?) -> CapabilityMap {
        guard let granted else { return withoutPolicy }
        return CapabilityMap(granted.filter { isTaildropEnabled || $0.name != Self.taildrop }, and: always)
    }

    private static let taildrop = "https://tailscale.com/cap/file-sharing"
    private static let displayName = "tailnet-display-name"
}
