import ControlModel
import Foundation
import IPAddresses
import Keys

@testable import ControlGatewayService

/// Rows for the tests of this module: node n has key n and address 100.64.0.n.
enum Fixture {
    static let tailnet = TailnetID.default
    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    static func key<Kind>(_ number: Int64, _ type: PublicKey<Kind>.Type = PublicKey<Kind>.self) -> PublicKey<Kind> {
        var bytes = [UInt8](repeating: 0, count: 32)
        withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(24..<32, with: $0) }
        return PublicKey(bytes) ?? .zero
    }

    static func id<Entity>(_ raw: Int64) -> Identifier<Entity> {
        guard let id = Identifier<Entity>(raw) else { preconditionFailure("fixture ids are positive") }
        return id
    }

    static func user(_ raw: Int64, version: Version = 1) -> User {
        User(id: id(raw), tailnet: tailnet, name: "user\(raw)", createdAt: start, version: version)
    }

    static func node(_ raw: Int64, user: Int64 = 1, version: Version = 1) -> Node {
        Node(
            id: id(raw),
            tailnet: tailnet,
            stableID: "n\(raw)CNTRL",
            machineKey: key(raw + 1_000_000),
            nodeKey: key(raw),
            discoKey: key(raw + 2_000_000),
            user: id(user),
            hostname: "host\(raw)",
            givenName: "host\(raw)",
            ipv4: IPv4Address(0x6440_0000 + UInt32(raw)),
            ipv6: IPv6Address(UInt128(0xfd7a_115c_a1e0_0000) << 64 + UInt128(raw)),
            homeDERP: 999,
            capabilityVersion: CapabilityVersion(130),
            registerMethod: .authKey,
            isOnline: true,
            lastSeen: start,
            createdAt: start,
            version: version
        )
    }

    static func change(_ version: Version, _ node: Node) -> RegistryChange {
        var node = node
        node.version = version
        return RegistryChange(version: version, subject: .node(node))
    }
}
