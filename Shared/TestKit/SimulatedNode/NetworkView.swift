public import ControlModel
import IPAddresses
public import TailcfgWire

/// The network as a client knows it from one map stream.
///
/// Messages are applied as the Go client does; what it or the Rust client would not stand is told as a fault.
public struct NetworkView: Hashable, Sendable {
    /// The node itself; `nil` before the first message.
    public private(set) var own: ClientNode?
    public private(set) var peers: [Int64: ClientNode] = [:]
    public private(set) var derpMap: ClientDERPMap?
    public private(set) var dns: ClientDNSConfig?
    public private(set) var domain = ""
    /// Rules by name.
    public private(set) var filters: [String: [ClientFilterRule]] = [:]
    /// Nothing: nobody may log in.
    public private(set) var sshRules: [AnyJSON] = []
    public private(set) var profiles: [Int64: ClientUserProfile] = [:]

    public init() {}

    /// The peer of that host name, by the first label of its name.
    public func peer(named name: String) -> ClientNode? {
        peers.values.first { $0.name.prefix { $0 != "." } == name }
    }

    /// Takes a message; returns its faults.
    mutating func apply(_ message: ClientMapResponse) -> [String] {
        guard message.keepAlive != true else { return [] }
        var faults: [String] = []
        if own == nil {
            if message.node == nil { faults.append("the first message has no Node") }
            if message.derpMap == nil { faults.append("the first message has no DERPMap") }
            if message.dnsConfig == nil { faults.append("the first message has no DNSConfig") }
            if message.packetFilters == nil { faults.append("the first message has no PacketFilters") }
            if message.controlTime == nil { faults.append("the first message has no ControlTime") }
        }
        for profile in message.userProfiles ?? [] { profiles[profile.id] = profile }
        if let node = message.node { own = node }
        if let map = message.derpMap {
            if derpMap == nil { derpMap = map }
            if let regions = map.regions { derpMap?.regions = regions }
        }
        if let dns = message.dnsConfig { self.dns = dns }
        if let domain = message.domain, !domain.isEmpty { self.domain = domain }
        if let policy = message.sshPolicy { sshRules = policy.rules }
        applyFilters(message)
        applyPeers(message, &faults)
        check(message, &faults)
        return faults
    }

    private mutating func applyFilters(_ message: ClientMapResponse) {
        if let rules = message.packetFilter { filters["base"] = rules }
        guard let named = message.packetFilters else { return }
        if let all = named["*"], all == nil { filters = [:] }
        for (name, rules) in named where name != "*" { filters[name] = rules }
    }

    private mutating func applyPeers(_ message: ClientMapResponse, _ faults: inout [String]) {
        if let all = message.peers {
            if all.isEmpty { faults.append("Peers is empty, which clients take in different ways") }
            peers = Dictionary(all.map { ($0.id, $0) }) { _, last in last }
            if peers.count != all.count { faults.append("a peer is twice in Peers") }
            // Clients ignore the other changes of peers beside a whole list.
            return
        }
        for peer in message.peersChanged ?? [] { peers[peer.id] = peer }
        for id in message.peersRemoved ?? [] where peers.removeValue(forKey: id) == nil {
            faults.append("an unknown peer \(id) is removed")
        }
        for change in message.peersChangedPatch ?? [] {
            guard let peer = peers[change.node] else {
                faults.append("an unknown peer \(change.node) is patched")
                continue
            }
            peers[change.node] = peer.applying(change)
        }
        for (id, isOnline) in message.onlineChange ?? [:] { peers[Int64(id)]?.isOnline = isOnline }
    }

    private func check(_ message: ClientMapResponse, _ faults: inout [String]) {
        for node in [message.node].compactMap(\.self) + (message.peers ?? []) + (message.peersChanged ?? []) {
            let families = node.addresses.map { $0.isSingle ? $0.address.bitLength : 0 }
            if families != [32, 128] { faults.append("node \(node.id) has addresses \(node.addresses)") }
            if !node.name.hasSuffix(".") { faults.append("the name \(node.name) has no dot at the end") }
            if profiles[node.user] == nil { faults.append("node \(node.id) has an unknown user \(node.user)") }
        }
        if let own, peers[own.id] != nil { faults.append("the node is its own peer") }
    }
}

extension ClientNode {
    /// The node with what the patch says.
    fileprivate func applying(_ change: ClientPeerChange) -> ClientNode {
        var node = self
        if let homeDERP = change.homeDERP { node.homeDERP = homeDERP }
        if let capabilityVersion = change.capabilityVersion { node.capabilityVersion = capabilityVersion }
        if let capMap = change.capMap { node.capMap = capMap }
        if let endpoints = change.endpoints { node.endpoints = endpoints }
        if let key = change.key { node.key = key }
        if let discoKey = change.discoKey { node.discoKey = discoKey }
        if let isOnline = change.isOnline { node.isOnline = isOnline }
        if let lastSeen = change.lastSeen { node.lastSeen = lastSeen }
        if let keyExpiry = change.keyExpiry { node.keyExpiry = keyExpiry }
        return node
    }
}
