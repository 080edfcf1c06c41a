import ControlGatewayService
import ControlModel
import Foundation
import IPAddresses
import Keys
import NIOCore

/// Full maps and deltas, without sockets.
enum NetmapBenchmarks {
    static func run() -> [Measurement] {
        [1_000, 10_000].flatMap { count in
            [first(count), warm(count), afterChange(count)] + fanOut(count)
        }
    }

    /// Everything is encoded and compressed for the first time.
    private static func first(_ count: Int) -> Measurement {
        var netmap = network(count)
        return Measurement.runOnce("full map of \(count) peers, first viewer", prepare: { netmap = network(count) }) {
            _ = netmap.fullMap(for: node(1), isCompressed: true, now: start)
        }
    }

    /// Only the viewer's own chunk is made.
    private static func warm(_ count: Int) -> Measurement {
        var netmap = network(count)
        var viewer: Int64 = 0
        return Measurement.run("full map of \(count) peers, each further viewer") {
            viewer = viewer % Int64(count) + 1
            _ = netmap.fullMap(for: node(viewer), isCompressed: true, now: start)
        }
    }

    /// One node changed since the last full map.
    private static func afterChange(_ count: Int) -> Measurement {
        var netmap = network(count)
        netmap.addViewer(node(1), stream: 1, isCompressed: true, now: start)
        var step: Int64 = 0
        return Measurement.run("full map of \(count) peers, after one change") {
            step += 1
            change(&netmap, node: step % Int64(count) + 1, step)
            _ = netmap.flush(now: start)
            _ = netmap.fullMap(for: node(1), isCompressed: true, now: start)
        }
    }

    /// One endpoint change, told to all: what the engine does once, and what each viewer's stream does.
    private static func fanOut(_ count: Int) -> [Measurement] {
        var netmap = network(count)
        for raw in 1...Int64(count) { netmap.addViewer(node(raw), stream: UInt64(raw), isCompressed: true, now: start) }
        var step: Int64 = 0
        let engine = Measurement.run("endpoint change to \(count) viewers, engine") {
            step += 1
            change(&netmap, node: step % Int64(count) + 1, step)
            _ = netmap.flush(now: start)
        }
        change(&netmap, node: 1, step + 1)
        guard let batch = netmap.flush(now: start).batch else { return [engine] }
        let allocator = ByteBufferAllocator()
        let viewers = (1...Int64(count)).map { node($0).id }
        var next = 0
        let stream = Measurement.run("endpoint change to \(count) viewers, each stream") {
            next = (next + 1) % viewers.count
            _ = batch.payload(for: viewers[next], isCompressed: true)?.framed(allocator: allocator)
        }
        return [engine, stream]
    }

    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    private static func network(_ count: Int) -> Netmap {
        var netmap = Netmap(
            formats: NodeFormats(isLogUploadAllowed: false, addressPrefixes: [], isTaildropEnabled: true)
        )
        netmap.replica.dns = dns
        netmap.take(netmap.replica.apply(snapshotUsers: [user], nodes: (1...Int64(count)).map(node)))
        _ = netmap.flush(now: start)
        return netmap
    }

    private static func change(_ netmap: inout Netmap, node raw: Int64, _ step: Int64) {
        var changed = node(raw)
        changed.version = 1_000_000 + step
        changed.endpoints = [endpoint(UInt32(truncatingIfNeeded: step))]
        netmap.take(netmap.replica.apply(ahead: changed))
    }

    static let dns = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com")
    private static let user = User(id: id(1), tailnet: .default, name: "ada", createdAt: start, version: 1)

    static func id<Entity>(_ raw: Int64) -> Identifier<Entity> {
        guard let id = Identifier<Entity>(raw) else { preconditionFailure("ids are positive") }
        return id
    }

    static func endpoint(_ number: UInt32) -> NodeEndpoint {
        NodeEndpoint(
            endpoint: IPEndpoint(address: .v4(IPv4Address(0x0A00_0000 + number & 0xFFFFFF)), port: 41641),
            type: 1
        )
    }

    private static func key<Kind>(_ number: Int64) -> PublicKey<Kind> {
        // Real keys do not compress, so these must not either.
        var random = SplitMix(state: UInt64(bitPattern: number))
        return PublicKey((0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }) ?? .zero
    }

    static func node(_ raw: Int64) -> Node {
        var hostinfo = Hostinfo()
        hostinfo.os = "linux"
        hostinfo.hostname = "host-\(raw)"
        hostinfo.services = [
            HostService(proto: "peerapi4", port: 40_000), HostService(proto: "peerapi6", port: 40_000),
        ]
        return Node(
            id: id(raw),
            tailnet: .default,
            stableID: "n\(raw)CNTRL",
            machineKey: key(raw + 1 << 40),
            nodeKey: key(raw),
            discoKey: key(raw + 1 << 41),
            user: id(1),
            hostname: "host-\(raw)",
            givenName: "host-\(raw)",
            ipv4: IPv4Address(0x6440_0000 + UInt32(raw)),
            ipv6: IPv6Address(UInt128(0xfd7a_115c_a1e0_0000) << 64 + UInt128(raw)),
            hostinfo: hostinfo,
            endpoints: [endpoint(UInt32(raw)), endpoint(UInt32(raw) + 1), endpoint(UInt32(raw) + 2)],
            homeDERP: 999,
            capabilityVersion: CapabilityVersion(130),
            registerMethod: .authKey,
            isOnline: true,
            lastSeen: start,
            createdAt: start,
            version: 1
        )
    }
}

/// A small generator with a known state.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
