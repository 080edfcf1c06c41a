import ControlModel
import Foundation
import IPAddresses
import NIOCore
import TailcfgWire
import Testing
import Zstandard

@testable import ControlGatewayService

/// A network of nodes in memory, and what its viewers are told.
struct NetmapFixture {
    var netmap = Netmap(
        formats: NodeFormats(isLogUploadAllowed: false, addressPrefixes: [], isTaildropEnabled: true)
    )
    var version: Version = 0
    var now = Fixture.start

    init(nodes: ClosedRange<Int64>, viewers: [Int64]) {
        netmap.replica.dns = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com")
        netmap.take(netmap.replica.apply(snapshotUsers: [Fixture.user(1)], nodes: []))
        for raw in nodes { put(Fixture.node(raw)) }
        _ = netmap.flush(now: now)
        for raw in viewers { open(raw) }
    }

    mutating func put(_ node: Node) {
        version += 1
        netmap.take(netmap.replica.apply([Fixture.change(version, node)]))
    }

    mutating func change(_ raw: Int64, _ edit: (inout Node) -> Void) {
        var node = netmap.replica.nodes[Fixture.id(raw)] ?? Fixture.node(raw)
        edit(&node)
        put(node)
    }

    mutating func remove(_ raw: Int64) {
        version += 1
        netmap.take(netmap.replica.apply([RegistryChange(version: version, subject: .nodeRemoved(Fixture.id(raw)))]))
    }

    mutating func open(_ raw: Int64, isCompressed: Bool = true) {
        guard let node = netmap.replica.nodes[Fixture.id(raw)] else { return }
        netmap.addViewer(node, stream: UInt64(raw), isCompressed: isCompressed, now: now)
    }

    /// What the next tick tells a viewer, as JSON text; `nil` for nothing.
    mutating func tick(for viewer: Int64, isCompressed: Bool = true) throws -> [String: Any]? {
        try message(netmap.flush(now: now).batch, for: viewer, isCompressed: isCompressed)
    }

    func message(_ batch: DeltaBatch?, for viewer: Int64, isCompressed: Bool = true) throws -> [String: Any]? {
        guard let payload = batch?.payload(for: Fixture.id(viewer), isCompressed: isCompressed) else { return nil }
        return try Self.json(payload, isCompressed: isCompressed)
    }

    mutating func full(for viewer: Int64, isCompressed: Bool = true) throws -> [String: Any] {
        guard let node = netmap.replica.nodes[Fixture.id(viewer)] else { return [:] }
        return try Self.json(
            netmap.fullMap(for: node, isCompressed: isCompressed, now: now),
            isCompressed: isCompressed
        )
    }

    static func json(_ payload: MapPayload, isCompressed: Bool) throws -> [String: Any] {
        var bytes = ByteBuffer()
        for piece in payload.pieces { bytes.writeImmutableBuffer(piece) }
        if isCompressed { bytes = try ZstdDecompressor.decompress(bytes, outputLimit: 64 << 20) }
        let object = try JSONSerialization.jsonObject(with: Data(bytes.readableBytesView))
        return object as? [String: Any] ?? [:]
    }

    static func ids(_ list: Any?) -> [Int64] {
        (list as? [[String: Any]] ?? []).compactMap { ($0["ID"] ?? $0["NodeID"]) as? Int64 }
    }
}

@Suite("Network maps")
struct NetmapTests {
    @Test(
        "a full map holds the node, everybody else once and in order, and the common sections",
        arguments: [1, 2, 129, 1000] as [Int64],
        [true, false]
    )
    func full(count: Int64, isCompressed: Bool) throws {
        var fixture = NetmapFixture(nodes: 1...count, viewers: [])
        for viewer in Set([1, count, (count + 1) / 2]) {
            let map = try fixture.full(for: viewer, isCompressed: isCompressed)
            #expect((map["Node"] as? [String: Any])?["ID"] as? Int64 == viewer)
            #expect(NetmapFixture.ids(map["Peers"]) == (1...count).filter { $0 != viewer })
            #expect((map["Peers"] == nil) == (count == 1))
            for key in ["DERPMap", "DNSConfig", "Domain", "PacketFilters", "UserProfiles", "ControlTime", "Debug"] {
                #expect(map[key] != nil, "\(key) is missing")
            }
        }
    }

    @Test("a change reaches everybody but the node itself")
    func endpoints() throws {
        var fixture = NetmapFixture(nodes: 1...3, viewers: [1, 2])
        let endpoint = NodeEndpoint(endpoint: try #require(IPEndpoint("1.2.3.4:5")), type: 2)
        fixture.change(1) { $0.endpoints = [endpoint] }
        let batch = fixture.netmap.flush(now: fixture.now).batch
        let told = try #require(try fixture.message(batch, for: 2))
        #expect(NetmapFixture.ids(told["PeersChangedPatch"]) == [1])
        #expect(told.count == 1)
        #expect(try fixture.message(batch, for: 1) == nil)
    }

    @Test("a change that changes nothing reaches nobody")
    func nothing() throws {
        var fixture = NetmapFixture(nodes: 1...3, viewers: [1, 2])
        fixture.change(1) { _ in }
        #expect(fixture.netmap.flush(now: fixture.now).batch == nil)
        fixture.change(1) { $0.hostinfo.netInfo = NetInfo() }
        #expect(fixture.netmap.flush(now: fixture.now).batch == nil)
        fixture.change(1) { $0.homeDERP = 5 }
        fixture.change(1) { $0.homeDERP = 999 }
        #expect(fixture.netmap.flush(now: fixture.now).batch == nil)
    }

    @Test("new, changed and removed nodes come in one message")
    func mixed() throws {
        var fixture = NetmapFixture(nodes: 1...4, viewers: [1])
        fixture.put(Fixture.node(9))
        fixture.change(2) { $0.givenName = "other" }
        fixture.change(3) { $0.isOnline = false }
        fixture.remove(4)
        let told = try #require(try fixture.tick(for: 1))
        #expect(NetmapFixture.ids(told["PeersChanged"]) == [2, 9])
        #expect(NetmapFixture.ids(told["PeersChangedPatch"]) == [3])
        #expect(told["PeersRemoved"] as? [Int64] == [4])
        #expect(NetmapFixture.ids(try fixture.full(for: 1)["Peers"]) == [2, 3, 9])
    }

    @Test("a node hears what changed about itself, once")
    func own() throws {
        var fixture = NetmapFixture(nodes: 1...2, viewers: [1, 2])
        fixture.change(1) { $0.expiry = Fixture.start + 3600 }
        let batch = fixture.netmap.flush(now: fixture.now).batch
        let own = try #require(try fixture.message(batch, for: 1))
        #expect((own["Node"] as? [String: Any])?["KeyExpiry"] != nil)
        #expect(own["PeersChangedPatch"] == nil)
        #expect(NetmapFixture.ids(try fixture.message(batch, for: 2)?["PeersChangedPatch"]) == [1])
        fixture.change(1) { $0.isOnline = false }
        #expect(try fixture.tick(for: 1) == nil)
    }

    @Test("a removed node's own stream ends")
    func removed() {
        var fixture = NetmapFixture(nodes: 1...2, viewers: [1, 2])
        fixture.remove(2)
        let flushed = fixture.netmap.flush(now: fixture.now)
        #expect(flushed.endedStreams == [2])
        #expect(fixture.netmap.viewers.count == 1)
    }

    @Test("a key that ends is told to peers when it ends, without a change of the row")
    func expiry() throws {
        var fixture = NetmapFixture(nodes: 1...2, viewers: [2])
        fixture.change(1) { $0.expiry = Fixture.start + 60 }
        _ = fixture.netmap.flush(now: fixture.now)
        let early = fixture.netmap.takeExpired(now: Fixture.start + 59)
        #expect(!early)
        fixture.now = Fixture.start + 60
        let due = fixture.netmap.takeExpired(now: fixture.now)
        #expect(due)
        let told = try #require(try fixture.tick(for: 2))
        let peer = (told["PeersChanged"] as? [[String: Any]])?.first
        #expect(peer?["Expired"] as? Bool == true)
        let again = fixture.netmap.takeExpired(now: fixture.now + 60)
        #expect(!again)
    }

    @Test("only owners of nodes have profiles, and a new one comes with its first node")
    func profiles() throws {
        var fixture = NetmapFixture(nodes: 1...1, viewers: [1])
        fixture.netmap.take(fixture.netmap.replica.apply(snapshotUsers: [Fixture.user(2)], nodes: []))
        #expect(try fixture.tick(for: 1) == nil)
        fixture.put(Fixture.node(2, user: 2))
        let told = try #require(try fixture.tick(for: 1))
        #expect(NetmapFixture.ids(told["UserProfiles"]) == [2])
        #expect(NetmapFixture.ids(try fixture.full(for: 1)["UserProfiles"]) == [1, 2])
    }

    @Test("a new relay map, policy or DNS setting goes to everybody")
    func sections() throws {
        var fixture = NetmapFixture(nodes: 1...2, viewers: [1])
        fixture.netmap.replica.relays.set(DERPMap(regions: [DERPRegion(id: 900, code: "x", name: "X", nodes: [])]))
        fixture.netmap.pendingSections = [.derpMap]
        let told = try #require(try fixture.tick(for: 1))
        #expect(Array(told.keys) == ["DERPMap"])
        let map = try fixture.full(for: 2)["DERPMap"] as? [String: Any]
        #expect((map?["Regions"] as? [String: Any])?.keys.contains("900") == true)
    }

    @Test("a tick about many nodes tells each of them all but itself", arguments: [5, 33, 400] as [Int64])
    func many(count: Int64) throws {
        var fixture = NetmapFixture(nodes: 1...count, viewers: Array(1...count))
        fixture.open(3, isCompressed: false)
        for raw in 1...count {
            fixture.change(raw) {
                $0.isOnline = false; $0.lastSeen = Fixture.start + 9
            }
        }
        fixture.change(1) { $0.tags = ["tag:x"] }
        let batch = fixture.netmap.flush(now: fixture.now).batch
        for raw in Set([1, 2, 4, count]) {
            let told = try #require(try fixture.message(batch, for: raw))
            let all = NetmapFixture.ids(told["PeersChangedPatch"]) + NetmapFixture.ids(told["PeersChanged"])
            #expect(Set(all) == Set((1...count).filter { $0 != raw }))
            #expect(all.count == Int(count - 1))
        }
        #expect(try fixture.message(batch, for: 3, isCompressed: false) != nil)
    }
}
