import ControlModel
import Foundation
import IPAddresses
import NIOCore
import PolicyLanguage
import TailcfgWire
import Testing
import Zstandard

@testable import ControlGatewayService
@testable import TestKit

/// A network with a policy in memory, and clients that know of it only what they were sent.
struct PolicyWorld {
    /// A client with an open stream.
    struct Client {
        var cursor: MapCursor
        var view = NetworkView()
        var isCompressed: Bool
        var faults: [String] = []
        var messages: [ClientMapResponse] = []

        mutating func apply(_ payload: MapPayload) throws {
            let message = try PolicyWorld.decode(payload, isCompressed: isCompressed)
            messages.append(message)
            faults += view.apply(message).filter { !$0.contains("has addresses") }
        }
    }

    var netmap = Netmap(
        formats: NodeFormats(isLogUploadAllowed: false, addressPrefixes: [], isTaildropEnabled: true)
    )
    var clients: [Int64: Client] = [:]
    private(set) var document: PolicyDocument?
    private(set) var version: Version = 0
    /// Every change so far, as others would be told them.
    private(set) var changes: [RegistryChange] = []
    private var stream: UInt64 = 0
    var now = Fixture.start

    init(users: ClosedRange<Int64> = 1...1) {
        netmap.replica.dns = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com")
        for raw in users { put(Self.user(raw)) }
    }

    static func user(_ raw: Int64, _ role: ControlModel.UserRole = .member) -> User {
        var user = Fixture.user(raw)
        user.name = "u\(raw)"
        user.email = "u\(raw)@example.com"
        user.role = role
        return user
    }

    func node(_ raw: Int64) -> Node? { netmap.replica.nodes[Fixture.id(raw)] }

    mutating func put(_ node: Node) {
        version += 1
        apply(Fixture.change(version, node))
    }

    mutating func put(_ user: User) {
        version += 1
        var user = user
        user.version = version
        apply(RegistryChange(version: version, subject: .user(user)))
    }

    mutating func change(_ raw: Int64, _ edit: (inout Node) -> Void) {
        guard var node = node(raw) else { return }
        edit(&node)
        put(node)
    }

    mutating func remove(_ raw: Int64) {
        version += 1
        apply(RegistryChange(version: version, subject: .nodeRemoved(Fixture.id(raw))))
    }

    private mutating func apply(_ change: RegistryChange) {
        changes.append(change)
        netmap.take(netmap.replica.apply([change]))
    }

    mutating func set(policy: PolicyDocument?) {
        document = policy
        netmap.set(policy: CompiledPolicy(policy, for: netmap.policyNetwork(for: policy)))
    }

    mutating func set(policy text: String) throws {
        set(policy: try PolicyDocument.parse(text))
    }

    mutating func open(_ raw: Int64, isCompressed: Bool = false) throws {
        guard let node = node(raw) else { return }
        stream += 1
        let first = netmap.fullMap(for: node, isCompressed: isCompressed, now: now)
        netmap.addViewer(node, stream: stream, isCompressed: isCompressed, now: now)
        var client = Client(cursor: try #require(netmap.cursor(of: node.id)), isCompressed: isCompressed)
        try client.apply(first)
        clients[raw] = client
    }

    mutating func close(_ raw: Int64) {
        clients[raw] = nil
        netmap.removeViewer(Fixture.id(raw))
    }

    /// One tick; clients read what is for them, but for those who are slow.
    @discardableResult
    mutating func flush(slow: Set<Int64> = []) throws -> Flushed {
        let flushed = netmap.flush(now: now)
        for raw in clients.keys where netmap.viewers[Fixture.id(raw)] == nil { clients[raw] = nil }
        for raw in clients.keys.sorted() where !slow.contains(raw) { try read(raw) }
        return flushed
    }

    private mutating func read(_ raw: Int64) throws {
        guard var client = clients[raw], let node = node(raw) else { return }
        switch client.cursor.read(for: node.id, isCompressed: client.isCompressed) {
        case .messages(let payloads):
            for payload in payloads { try client.apply(payload) }
            clients[raw] = client
        case .stale:
            // As a stream does: a full map where it can say all, a new stream otherwise.
            guard netmap.hasPeers(besides: node.id) else { return try open(raw, isCompressed: client.isCompressed) }
            try client.apply(netmap.fullMap(for: node, isCompressed: client.isCompressed, now: now))
            netmap.addViewer(node, stream: stream, isCompressed: client.isCompressed, now: now)
            client.cursor = try #require(netmap.cursor(of: node.id))
            clients[raw] = client
        }
    }

    /// What a client sees of peers, by host number.
    func peers(of raw: Int64) -> [Int64] { clients[raw]?.view.peers.keys.sorted() ?? [] }

    static func decode(_ payload: MapPayload, isCompressed: Bool) throws -> ClientMapResponse {
        var bytes = ByteBuffer()
        for piece in payload.pieces { bytes.writeImmutableBuffer(piece) }
        if isCompressed { bytes = try ZstdDecompressor.decompress(bytes, outputLimit: 64 << 20) }
        return try ClientMapResponse.decode(bytes)
    }
}

extension PolicyWorld {
    /// Compares what every client has gathered with a map made now, and with the policy compiled anew.
    func check(_ context: String) throws {
        var copy = netmap
        let fresh = PolicyEngine(document ?? PolicyDocument(), for: netmap.policyNetwork(for: document))
        for raw in clients.keys.sorted() {
            guard let client = clients[raw], let node = node(raw) else { continue }
            #expect(client.faults == [], "\(context), client \(raw)")
            var view = NetworkView()
            let full = copy.fullMap(for: node, isCompressed: false, now: now)
            _ = view.apply(try Self.decode(full, isCompressed: false))
            let place = "\(context), client \(raw)"
            #expect(client.view.own.map(Self.canonical) == view.own.map(Self.canonical), "own, \(place)")
            #expect(client.view.peers.mapValues(Self.canonical) == view.peers.mapValues(Self.canonical), "\(place)")
            #expect(Self.rules(client.view) == Self.rules(view), "filter, \(place)")
            #expect(client.view.sshRules == view.sshRules, "ssh, \(place)")
            for (id, profile) in view.profiles { #expect(client.view.profiles[id] == profile, "profiles, \(place)") }
            checkAgainst(fresh, view, raw, place)
        }
    }

    private func checkAgainst(_ engine: PolicyEngine, _ view: NetworkView, _ raw: Int64, _ place: String) {
        let peers = engine.peers(of: raw)
        #expect(view.peers.keys.sorted() == peers.map(\.id), "peers, \(place)")
        #expect(netmap.engine.peers(of: raw) == peers, "engine, \(place)")
        for peer in peers {
            let told = view.peers[peer.id]
            #expect(told?.allowedIPs ?? told?.addresses == peer.allowedIPs, "routes of \(peer.id), \(place)")
            #expect(told?.primaryRoutes ?? [] == peer.primaryRoutes, "first routes of \(peer.id), \(place)")
        }
        #expect(view.own?.allowedIPs ?? view.own?.addresses == engine.selfView(of: raw)?.allowedIPs, "\(place)")
        guard document != nil else { return }
        let rules = engine.packetFilter(of: raw).filter { !$0.destinations.isEmpty || !$0.capabilities.isEmpty }
        #expect(view.filters["base"]?.count == rules.count, "\(place)")
        #expect(view.filters["base"]?.map(\.sources) == rules.map(\.sources.strings), "\(place)")
        #expect(view.sshRules.count == engine.sshPolicy(of: raw).count, "\(place)")
    }

    /// Without what patches leave as it was and clients do not look at.
    private static func canonical(_ node: ClientNode) -> ClientNode {
        var node = node
        node.legacyDERP = nil
        if node.isOnline == true { node.lastSeen = nil }
        node.endpoints = node.endpoints ?? []
        return node
    }

    /// The order of rules means nothing to clients.
    private static func rules(_ view: NetworkView) -> Set<ClientFilterRule> {
        Set(view.filters["base"] ?? [])
    }
}
