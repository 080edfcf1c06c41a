import DERPProtocol
import Keys
import NIOCore
import NIOEmbedded
import Testing

@testable import DERPService

@Suite("Relay: handshake and time", .timeLimit(.minutes(1)))
struct RelayHandshakeTests {
    @Test("the relay speaks first")
    func greeting() async throws {
        let line = try await RelayLine()
        let frames = try await line.received()
        #expect(frames.map(\.type) == [.serverKey])
        #expect(try ServerKeyFrame(body: frames[0].body).key == line.relay.key.publicKey)
    }

    @Test("a client that says nothing is closed after ten seconds")
    func silentHandshake() async throws {
        let line = try await RelayLine()
        await line.advance(.milliseconds(9_999))
        #expect(line.channel.isActive)
        await line.advance(.milliseconds(1))
        #expect(!line.channel.isActive)
        #expect(line.relay.connectionCount == 0)
    }

    @Test("an open client hears from the relay every minute and its own jitter", arguments: [0, 5] as [Int64])
    func keepAlive(jitter: Int64) async throws {
        var line = try await RelayLine(jitter: .seconds(jitter))
        try await line.open()
        for _ in 0..<3 {
            await line.advance(.seconds(60 + jitter) - .milliseconds(1))
            #expect(try await line.received().isEmpty)
            await line.advance(.milliseconds(1))
            #expect(try await line.received().map(\.type) == [.keepAlive])
            try await line.channel.writeInbound(PongFrame(data: 1).encoded)
        }
        #expect(line.channel.isActive)
    }

    @Test("a client that only listens stays")
    func silentClient() async throws {
        var line = try await RelayLine()
        try await line.open()
        for _ in 0..<30 {
            await line.advance(.seconds(65))
            #expect(try await line.received().map(\.type).contains(.keepAlive))
        }
        #expect(line.channel.isActive)
    }

    @Test(
        "garbage instead of ClientInfo closes",
        arguments: [
            [UInt8](repeating: 0xFF, count: 64), Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            [0x02, 0, 0, 0, 56] + [UInt8](repeating: 0, count: 56), [0x02, 0, 0, 0, 1, 0],
            [0x12, 0, 0, 0, 8] + [UInt8](repeating: 0, count: 8),
            [0x04, 0, 0, 0, 32] + [UInt8](repeating: 0, count: 32),
        ]
    )
    func garbage(bytes: [UInt8]) async throws {
        for isSplit in [false, true] {
            let line = try await RelayLine()
            for part in isSplit ? bytes.map({ [$0] }) : [bytes] where line.channel.isActive {
                try await line.channel.writeInbound(ByteBuffer(bytes: part))
            }
            #expect(!line.channel.isActive)
            #expect(try await line.received().map(\.type) == [.serverKey])
        }
    }

    @Test("garbage after the handshake closes")
    func garbageLater() async throws {
        var line = try await RelayLine()
        try await line.open()
        #expect(line.relay.connectedKeys == [line.key.publicKey])
        try await line.channel.writeInbound(ByteBuffer(repeating: 0xFF, count: 100))
        #expect(!line.channel.isActive)
        #expect(line.relay.connectedKeys.isEmpty)
    }

    @Test("packets whole before the fault are delivered")
    func beforeTheFault() async throws {
        var line = try await RelayLine()
        try await line.open()
        var bytes = SendPacketFrame(destination: line.key.publicKey, packet: ByteBuffer(bytes: [5])).encoded
        bytes.writeImmutableBuffer(PingFrame(data: 9).encoded)
        bytes.writeRepeatingByte(0xFF, count: 9)
        try await line.channel.writeInbound(bytes)
        #expect(!line.channel.isActive)
    }
}
