import BusInProcess
import DERPProtocol
import Keys
import NIOCore
import NIOEmbedded
import TestKit
import Testing

@testable import DERPService

/// A connection without a socket, whose clock the test moves.
struct RelayLine {
    let channel = NIOAsyncTestingChannel()
    let relay: DERPRelay
    var session: DERPClientSession
    let key = NodePrivateKey.generate()

    /// - Parameter jitter: what this connection adds to the interval of keep-alives.
    init(jitter: TimeAmount = .zero) async throws {
        let randomness = DERPRandomness(nonce: DERPRandomness.system.nonce, jitter: { _ in jitter })
        (relay, _) = RelayHarness.make(bus: InProcessBus(), isVerifying: false, randomness: randomness)
        session = DERPClientSession(key: key, nonce: try #require(NaClBox.Nonce([UInt8](0..<24))))
        let (channel, relay) = (channel, relay)
        try await channel.testingEventLoop.executeInContext { try RelayHarness.upgrade(relay, channel) }
        try await channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1))
    }

    /// Frames that the relay has sent since the last call.
    func received() async throws -> [DERPFrame] {
        var decoder = DERPFrameDecoder(framesFrom: .server)
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { decoder.append(bytes) }
        var frames: [DERPFrame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    mutating func open() async throws {
        let greeting = try #require(try await received().first)
        guard case .send(let info) = session.received(greeting) else { return }
        try await channel.writeInbound(info)
        let answer = try #require(try await received().first)
        #expect(session.received(answer) == .opened(DERPServerInfo()))
    }

    func send(_ packet: ByteBuffer, to destination: NodePublicKey) async throws {
        try await channel.writeInbound(SendPacketFrame(destination: destination, packet: packet).encoded)
    }

    func advance(_ time: TimeAmount) async {
        await channel.testingEventLoop.advanceTime(by: time)
    }
}
