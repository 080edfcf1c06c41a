import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

/// A file of `Vectors/`.
enum Vector {
    static func bytes(_ name: String) throws -> ByteBuffer {
        let file = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return ByteBuffer(bytes: try Data(contentsOf: file))
    }

    static func json(_ name: String) throws -> AnyJSON {
        try parse(bytes(name))
    }

    static func parse(_ bytes: ByteBuffer) throws -> AnyJSON {
        try JSONDecoder().decode(AnyJSON.self, from: Data(bytes.readableBytesView))
    }

    /// What `fill` writes, as text.
    static func written(_ fill: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        fill(&writer)
        return String(buffer: writer.buffer)
    }

    static func parsed(_ fill: (inout JSONWriter) -> Void) throws -> AnyJSON {
        try parse(ByteBuffer(string: written(fill)))
    }

    static func nodeKey() throws -> NodePublicKey {
        try #require(NodePublicKey("nodekey:" + String(repeating: "1a", count: 32)))
    }

    static func discoKey() throws -> DiscoPublicKey {
        try #require(DiscoPublicKey("discokey:" + String(repeating: "2b", count: 32)))
    }

    static func machineKey() throws -> MachinePublicKey {
        try #require(MachinePublicKey("mkey:" + String(repeating: "4d", count: 32)))
    }

    static func prefixes(_ texts: String...) throws -> [IPPrefix] {
        try texts.map { try #require(IPPrefix($0)) }
    }

    static func date(_ text: String) throws -> Date {
        try #require(WireTime.parse(text))
    }

    /// The node that `node-peer.json` and `node-self.json` show.
    static func node() throws -> Node {
        var hostinfo = Hostinfo()
        hostinfo.clientVersion = "1.92.3"
        hostinfo.os = "linux"
        hostinfo.osVersion = "6.1"
        hostinfo.hostname = "web-1"
        hostinfo.userspace = false
        var netInfo = NetInfo()
        netInfo.workingUDP = true
        netInfo.preferredDERP = 901
        netInfo.firewallMode = "nft"
        hostinfo.netInfo = netInfo
        return Node(
            id: try #require(NodeID(7)),
            tailnet: .default,
            stableID: "n7CNTRL",
            machineKey: try machineKey(),
            nodeKey: try nodeKey(),
            user: nil,
            tags: ["tag:web"],
            hostname: "web-1",
            givenName: "web-1",
            ipv4: IPv4Address("100.64.0.7"),
            ipv6: IPv6Address("fd7a:115c:a1e0::7"),
            hostinfo: hostinfo,
            capabilityVersion: CapabilityVersion(131),
            registerMethod: .authKey,
            isOnline: true,
            lastSeen: try date("2026-01-02T03:04:05Z"),
            createdAt: try date("2026-01-01T00:00:00Z")
        )
    }
}

extension AnyJSON {
    /// The value at a path of keys; `nil` where there is none.
    subscript(_ path: String...) -> AnyJSON? {
        var value = self
        for key in path {
            guard case .object(let fields) = value, let next = fields[key] else { return nil }
            value = next
        }
        return value
    }

    var keys: Set<String> {
        guard case .object(let fields) = self else { return [] }
        return Set(fields.keys)
    }
}
