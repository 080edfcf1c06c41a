import Bus
import BusInProcess
import ControlModel
import DERPProtocol
import Foundation
import Keys
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceKit
import TestKit

@testable import DERPService

/// A relay behind a real socket, whose connections come from upgrades, on two event loops.
struct RelayHarness: Sendable {
    let relay: DERPRelay
    let admission: DERPAdmission
    let port: Int

    struct Refused: Error {}

    /// - Parameter isVerifying: `false` lets every key in.
    static func run(
        bus: any Bus = InProcessBus(),
        isVerifying: Bool = false,
        limits: DERPRelayLimits = DERPRelayLimits(),
        now: @escaping @Sendable () -> Date = { .fixture },
        body: (RelayHarness) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (relay, admission) = make(bus: bus, isVerifying: isVerifying, limits: limits, now: now)
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try upgrade(relay, channel) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let harness = RelayHarness(relay: relay, admission: admission, port: listener.localAddress?.port ?? 0)
        do {
            try await body(harness)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    /// A relay without a socket.
    static func make(
        bus: any Bus,
        isVerifying: Bool,
        limits: DERPRelayLimits = DERPRelayLimits(),
        now: @escaping @Sendable () -> Date = { .fixture },
        randomness: DERPRandomness = .system
    ) -> (DERPRelay, DERPAdmission) {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let admission = DERPAdmission(
            isVerifying: isVerifying,
            bus: bus,
            tailnet: .default,
            limits: limits,
            logger: logger,
            now: now
        )
        let relay = DERPRelay(
            key: .generate(),
            admission: admission,
            limits: limits,
            metrics: DERPMetrics(),
            logger: logger,
            randomness: randomness
        )
        return (relay, admission)
    }

    /// What a listener does with an upgrade request, after its answer.
    static func upgrade(_ relay: DERPRelay, _ channel: any Channel) throws {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/derp", headers: ["Upgrade": "DERP"])
        let info = ConnectionInfo(remoteAddress: channel.remoteAddress, isTLS: false, isLocalSocket: false)
        guard case .accept(let acceptance) = DERPUpgrade(relay: relay).decide(head, connection: info) else {
            throw Refused()
        }
        try acceptance.install(channel)
    }

    func client(_ key: NodePrivateKey = .generate()) async throws -> RelayTestClient {
        try await RelayTestClient(port: port, key: key)
    }

    /// A packet that looks like path discovery.
    static var discoPacket: ByteBuffer {
        ByteBuffer(bytes: [0x54, 0x53, 0xF0, 0x9F, 0x92, 0xAC] + [UInt8](repeating: 0, count: 56))
    }
}
