import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("What the server writes, a client reads")
struct ClientRoundTripTests {
    @Test("a full map")
    func fullMap() throws {
        let peer = try NodeWritingTests.peer()
        var response = MapResponse()
        response.node = try NodeWritingTests.selfNode()
        response.derpMap = MapResponseWritingTests.derpMap
        response.peers = [peer]
        response.dnsConfig = WireDNSConfig(
            MapResponseWritingTests.settings,
            addressesFrom: try Vector.prefixes("100.64.0.0/10")
        )
        response.domain = "example.net"
        response.collectServices = false
        response.userProfiles = [.taggedDevices]
        response.packetFilter = MapResponseWritingTests.rules
        response.disablesLogTail = true
        response.clientVersion = .latest
        response.controlTime = try Vector.date("2026-01-02T03:04:05.25Z")

        let seen = try ClientMapResponse.decode(response.encoded())
        #expect(seen.node?.hostinfo?.netInfo?.preferredDERP == 901)
        #expect(seen.node?.isExpired == true && seen.node?.user == User.taggedDevicesID)
        #expect(seen.derpMap?.regions?[900]?.nodes?.first?.derpPort == 8443)
        #expect(seen.derpMap?.regions?[901]?.nodes?.first?.isSTUNOnly == true)
        #expect(seen.dnsConfig?.isProxied == true)
        #expect(seen.dnsConfig?.routes?.count == 66)
        #expect(seen.domain == "example.net" && seen.collectServices == false)
        #expect(seen.userProfiles?.first?.loginName == "tagged-devices")
        #expect(seen.packetFilters?["base"]??.last?.destinations?.first?.ports == .init(first: 22, last: 22))
        #expect(seen.debug?.disableLogTail == true && seen.clientVersion?.runningLatest == true)
        #expect(seen.controlTime == response.controlTime)
        let seenPeer = try #require(seen.peers?.first)
        #expect(seenPeer.addresses == peer.addresses && seenPeer.allowedIPs == peer.allowedIPs)
        #expect(seenPeer.endpoints == peer.endpoints && seenPeer.key == peer.key && seenPeer.machine == peer.machine)
        #expect(seenPeer.lastSeen == peer.lastSeen && seenPeer.created == peer.created)
        #expect(seenPeer.legacyDERP == "127.3.3.40:900" && seenPeer.homeDERP == 900)
        #expect(seenPeer.capMap?["suggest-exit-node"] == [.bool(true), .string("a/b")])
        #expect(seenPeer.hostinfo?.services?.first?.proto == "peerapi4")
    }

    @Test("deltas")
    func deltas() throws {
        var change = WirePeerChange(node: 9)
        change.isOnline = true
        change.endpoints = []
        var response = MapResponse()
        response.peersChanged = [try NodeWritingTests.peer()]
        response.peersRemoved = [4, 5]
        response.peersChangedPatch = [change]
        let seen = try ClientMapResponse.decode(response.encoded())
        #expect(seen.peers == nil && seen.node == nil)
        #expect(seen.peersChanged?.map(\.id) == [7])
        #expect(seen.peersRemoved == [4, 5])
        #expect(seen.peersChangedPatch?.first?.isOnline == true)
        #expect(seen.peersChangedPatch?.first?.endpoints == [])
        #expect(seen.peersChangedPatch?.first?.homeDERP == nil)
    }

    @Test("fields that only other servers send")
    func otherFields() throws {
        let text = """
            {"KeepAlive":true,"OnlineChange":{"7":true,"8":false},"PeerSeenChange":{"7":true},"PacketFilter":[],
            "PacketFilters":{"*":null,"base":[]},"Node":null,"Health":[],"Unknown":{"x":1},
            "PingRequest":{"URL":"/machine/ping","URLIsNoise":true,"Types":"c2n"},
            "DNSConfig":{"Routes":{"a.example":null,"b.example":[]}}}
            """
        let seen = try ClientMapResponse.decode(ByteBuffer(string: text))
        #expect(seen.keepAlive == true && seen.onlineChange == [7: true, 8: false] && seen.peerSeenChange == [7: true])
        #expect(seen.packetFilter == [])
        #expect(seen.packetFilters?.keys.sorted() == ["*", "base"])
        #expect(seen.packetFilters?["*"] == .some(nil))
        #expect(seen.dnsConfig?.routes?["a.example"] == .some(nil))
        #expect(seen.pingRequest?.types == "c2n")
    }

    @Test(
        "what is no answer is refused",
        arguments: ["", "[]", "{", #"{"Node":{}}"#, #"{"PeersRemoved":["1"]}"#, #"{"ControlTime":"now"}"#]
    )
    func refused(text: String) {
        #expect(throws: TailcfgDecodingError.self) { try ClientMapResponse.decode(ByteBuffer(string: text)) }
    }

    @Test("a registration decodes to what was encoded, in both spellings", arguments: [KeyCasing.go, .rust])
    func register(casing: KeyCasing) throws {
        var request = try RegisterRequest.decode(Vector.bytes("register-go"))
        request.expiry = Date(timeIntervalSince1970: 123)
        request.followup = "https://control.example/a/1"
        request.nodeKeySignature = Data([1, 2, 3])
        request.tailnet = "required:example"
        #expect(try RegisterRequest.decode(request.encoded(as: casing)) == request)
    }

    @Test(
        "a map request decodes to what was encoded, in both spellings",
        arguments: [KeyCasing.go, .rust],
        ["map-go-stream", "map-go-lite", "map-rust-lite"]
    )
    func map(casing: KeyCasing, name: String) throws {
        var request = try MapRequest.decode(Vector.bytes(name))
        request.sessionHandle = "handle"
        request.sessionSequence = 5
        #expect(try MapRequest.decode(request.encoded(as: casing)) == request)
    }

    @Test("each client's spelling is its own")
    func spelling() throws {
        let request = try MapRequest.decode(Vector.bytes("map-rust-lite"))
        let rust = try Vector.parse(request.encoded(as: .rust))
        #expect(rust["HostInfo", "IpnVersion"] == .string("0.6.1"))
        #expect(rust["HostInfo", "NetInfo", "PreferredDerp"] == .number(900))
        #expect(rust["Hostinfo"] == nil)
        let go = try Vector.parse(request.encoded())
        #expect(go["Hostinfo", "IPNVersion"] == .string("0.6.1"))
        #expect(go["Hostinfo", "NetInfo", "PreferredDERP"] == .number(900))
    }

    @Test("the Go spelling of a registration has the fields that the Go client always sends")
    func goRegister() throws {
        let parsed = try Vector.parse(RegisterRequest().encoded())
        #expect(parsed.keys == ["Version", "NodeKey", "OldNodeKey", "Expiry", "Followup", "Hostinfo"])
        #expect(parsed["Expiry"] == .string("0001-01-01T00:00:00Z"))
    }
}
