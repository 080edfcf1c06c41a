import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Writing nodes")
struct NodeWritingTests {
    static func peer() throws -> WireNode {
        var node = try Vector.node()
        node.user = UserID(3)
        node.tags = []
        node.discoKey = try Vector.discoKey()
        node.expiry = try Vector.date("2026-07-01T00:00:00Z")
        node.endpoints = try ["203.0.113.7:41641", "[2001:db8::5]:41641"].map {
            NodeEndpoint(endpoint: try #require(IPEndpoint($0)), type: 2)
        }
        node.homeDERP = 900
        node.createdAt = try Vector.date("2026-01-01T00:00:00.5Z")
        node.isOnline = false
        node.hostinfo.shieldsUp = true
        node.hostinfo.routableIPs = try Vector.prefixes("10.7.0.0/16")
        node.hostinfo.sshHostKeys = ["ssh-ed25519 AAAA"]
        node.hostinfo.services = [HostService(proto: "peerapi4", port: 41021)]
        return WireNode(
            node,
            as: .peer,
            name: "web-1.example.net.",
            allowedIPs: node.addresses + node.hostinfo.routableIPs,
            primaryRoutes: node.hostinfo.routableIPs,
            capMap: [
                "suggest-exit-node": [.bool(true), .string("a/b")], "https://tailscale.com/cap/file-sharing": [],
            ]
        )
    }

    static func selfNode() throws -> WireNode {
        let node = try Vector.node()
        return WireNode(
            node,
            as: .selfNode,
            name: "web-1.example.net.",
            allowedIPs: node.addresses,
            isExpired: true
        )
    }

    @Test("a peer has what peers need of it")
    func peer() throws {
        let peer = try Self.peer()
        #expect(try Vector.parsed { $0.writeNode(peer) } == Vector.json("node-peer"))
    }

    @Test("a node sees itself whole, and tagged nodes belong to the user of tagged devices")
    func selfNode() throws {
        let node = try Self.selfNode()
        #expect(try Vector.parsed { $0.writeNode(node) } == Vector.json("node-self"))
    }

    @Test("fields stand in Go's order, capabilities sorted, addresses IPv4 first")
    func order() throws {
        let peer = try Self.peer()
        let text = Vector.written { $0.writeNode(peer) }
        let order = [
            "{\"ID\":7,\"StableID\":", "\"Name\":", "\"User\":", "\"Key\":", "\"KeyExpiry\":", "\"Machine\":",
            "\"DiscoKey\":",
            "\"Addresses\":[\"100.64.0.7/32\",\"fd7a:115c:a1e0::7/128\"]", "\"AllowedIPs\":", "\"Endpoints\":",
            "\"DERP\":",
            "\"HomeDERP\":", "\"Hostinfo\":", "\"Created\":", "\"Cap\":", "\"PrimaryRoutes\":", "\"LastSeen\":",
            "\"Online\":",
            "\"MachineAuthorized\":",
            "\"CapMap\":{\"https://tailscale.com/cap/file-sharing\":[],\"suggest-exit-node\":",
        ]
        var rest = text[...]
        for piece in order {
            let found = try #require(rest.range(of: piece), "\(piece) is missing or out of order")
            rest = rest[found.upperBound...]
        }
    }

    @Test("no escape and no null is in a node, however its client named it")
    func bytes() throws {
        var node = try Self.peer()
        node.hostinfo.hostname = "Bob's \"PC\"\\\n/x"
        node.hostinfo.os = "a\u{1}b"
        node.hostinfo.services = [HostService(proto: "t\"cp", port: 1, description: "\\")]
        node.tags = ["tag:\"x\""]
        let text = Vector.written { $0.writeNode(node) }
        #expect(!text.contains("\\"))
        #expect(!text.contains("null"))
        #expect(text.contains(#""Hostname":"Bob's PC/x""#))
        #expect(try Vector.parsed { $0.writeNode(node) }["Hostinfo", "OS"] == .string("ab"))
    }

    @Test("an online node has no last-seen time, as the row says or as the caller knows better")
    func presence() throws {
        var node = try Vector.node()
        node.isOnline = false
        let wire = WireNode(node, as: .peer, name: "a.", allowedIPs: [])
        #expect(wire.isOnline == false && wire.lastSeen == node.lastSeen)
        let known = WireNode(node, as: .peer, name: "a.", allowedIPs: [], isOnline: true)
        #expect(known.isOnline == true && known.lastSeen == nil)
    }

    @Test("what peers do not see of a Hostinfo makes no difference to them")
    func equality() throws {
        var node = try Vector.node()
        let before = WireNode(node, as: .peer, name: "a.", allowedIPs: [])
        node.hostinfo.osVersion = "7"
        node.hostinfo.netInfo?.preferredDERP = 3
        node.hostinfo.clientVersion = "2"
        node.version = 9
        #expect(WireNode(node, as: .peer, name: "a.", allowedIPs: []) == before)
        #expect(Vector.written { $0.writeNode(before) }.contains("NetInfo") == false)
    }

    @Test("a region that no port can tell has no old form")
    func legacyRegion() throws {
        var node = try Self.selfNode()
        node.homeDERP = 65535
        #expect(try Vector.parsed { $0.writeNode(node) }["DERP"] == .string("127.3.3.40:65535"))
        node.homeDERP = 65536
        let parsed = try Vector.parsed { $0.writeNode(node) }
        #expect(parsed["DERP"] == nil)
        #expect(parsed["HomeDERP"] == .number(65536))
    }

    @Test("a patch says what changed and nothing else")
    func peerChange() throws {
        var change = WirePeerChange(node: 7)
        #expect(change.isEmpty)
        #expect(Vector.written { $0.writePeerChange(change) } == #"{"NodeID":7}"#)
        change.homeDERP = 901
        change.capabilityVersion = CapabilityVersion(131)
        change.capMap = [:]
        change.endpoints = []
        change.key = try Vector.nodeKey()
        change.discoKey = try Vector.discoKey()
        change.isOnline = false
        change.lastSeen = try Vector.date("2026-01-02T03:04:05.000001Z")
        change.keyExpiry = WireTime.zero
        #expect(!change.isEmpty)
        #expect(try Vector.parsed { $0.writePeerChange(change) } == Vector.json("peer-change"))
    }
}
