import DERPProtocol
import Keys
import NIOCore
import Testing

@Suite("DERP frame bodies")
struct FrameBodyTests {
    private static let first = NodePublicKey(KeyBytes([UInt8](repeating: 0x11, count: 32)) ?? .zero)
    private static let second = NodePublicKey(KeyBytes([UInt8](repeating: 0x22, count: 32)) ?? .zero)
    private static let packet = ByteBuffer(bytes: [0xC1, 0xC2, 0xC3])

    @Test("each body reads and writes as upstream")
    func vectors() throws {
        let nonce = try #require(NaClBox.Nonce([UInt8](0..<24)))
        try check(ServerKeyFrame(key: DERPPublicKey(Self.first.bytes)), "server key")
        try check(ClientInfoFrame(key: Self.first, nonce: nonce, box: [0xA1, 0xA2, 0xA3, 0xA4]), "client info")
        try check(ServerInfoFrame(nonce: nonce, box: [0xB1, 0xB2, 0xB3, 0xB4]), "server info")
        try check(SendPacketFrame(destination: Self.second, packet: Self.packet), "send packet")
        try check(ReceivePacketFrame(source: Self.first, packet: Self.packet), "receive packet")
        try check(KeepAliveFrame(), "keep alive")
        try check(NotePreferredFrame(isHome: true), "note preferred, home")
        try check(NotePreferredFrame(isHome: false), "note preferred, not home")
        try check(PeerGoneFrame(peer: Self.first, reason: .disconnected), "peer gone, disconnected")
        try check(PeerGoneFrame(peer: Self.first, reason: .notHere), "peer gone, not here")
        try check(
            PeerPresentFrame(peer: Self.first, address: 0xFFFF_0102_0304, port: 3478, flags: [.regular, .notIdeal]),
            "peer present"
        )
        try check(
            ForwardPacketFrame(source: Self.first, destination: Self.second, packet: Self.packet),
            "forward packet"
        )
        try check(WatchConnectionsFrame(), "watch connections")
        try check(ClosePeerFrame(peer: Self.second), "close peer")
        try check(PingFrame(data: 0x0102_0304_0506_0708), "ping")
        try check(PongFrame(data: 0x0102_0304_0506_0708), "pong")
        try check(HealthFrame(problem: "test!"), "health")
        try check(RestartingFrame(reconnectIn: .seconds(1), tryFor: .seconds(10)), "restarting")
    }

    @Test("a body that is too short is refused, at every length")
    func tooShort() {
        refusesAnyPrefix(of: ServerKeyFrame(key: DERPPublicKey(Self.first.bytes)), below: 40)
        refusesAnyPrefix(of: SendPacketFrame(destination: Self.second, packet: Self.packet), below: 32)
        refusesAnyPrefix(of: ReceivePacketFrame(source: Self.first, packet: Self.packet), below: 32)
        refusesAnyPrefix(
            of: ForwardPacketFrame(source: Self.first, destination: Self.second, packet: Self.packet),
            below: 64
        )
        refusesAnyPrefix(of: PeerGoneFrame(peer: Self.first, reason: .notHere), below: 32)
        refusesAnyPrefix(of: PeerPresentFrame(peer: Self.first, address: 1, port: 2, flags: []), below: 32)
        refusesAnyPrefix(of: ClosePeerFrame(peer: Self.first), below: 32)
        refusesAnyPrefix(of: NotePreferredFrame(isHome: true), below: 1)
        refusesAnyPrefix(of: PingFrame(data: 1), below: 8)
        refusesAnyPrefix(of: PongFrame(data: 1), below: 8)
        refusesAnyPrefix(of: RestartingFrame(reconnectIn: .seconds(1), tryFor: .seconds(1)), below: 8)
    }

    @Test("a server key with another magic is refused")
    func magic() throws {
        var frame = try VectorFiles.frame("server key")
        frame.setInteger(UInt8(0x45), at: frame.readerIndex + 5)
        frame.moveReaderIndex(forwardBy: DERPFrame.headerLength)
        #expect(throws: DERPFramingError.malformed(.serverKey)) { try ServerKeyFrame(body: frame) }
    }

    @Test("a longer server key is read, as newer servers may send it")
    func longServerKey() throws {
        var body = try VectorFiles.frame("server key")
        body.moveReaderIndex(forwardBy: DERPFrame.headerLength)
        body.writeInteger(UInt64(1))
        #expect(try ServerKeyFrame(body: body).key.bytes == Self.first.bytes)
    }

    @Test("peer gone without a reason means disconnected")
    func peerGoneWithoutReason() throws {
        let body = ByteBuffer(bytes: [UInt8](repeating: 0x11, count: 32))
        #expect(try PeerGoneFrame(body: body) == PeerGoneFrame(peer: Self.first, reason: .disconnected))
    }

    @Test("a pong gives back the first eight bytes of a long ping")
    func longPing() throws {
        let body = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 7] + [UInt8](repeating: 9, count: 992))
        #expect(try PingFrame(body: body).data == 7)
    }

    private func check<Body: DERPFrameBody>(_ body: Body, _ name: String) throws {
        let wire = try VectorFiles.frame(name)
        #expect(body.encoded == wire)
        let content = wire.getSlice(at: 5, length: wire.readableBytes - 5) ?? ByteBuffer()
        #expect(try Body(body: content) == body)
    }

    private func refusesAnyPrefix<Body: DERPFrameBody>(of body: Body, below minimum: Int) {
        let wire = body.encoded
        for length in 0..<minimum {
            let content = wire.getSlice(at: 5, length: length) ?? ByteBuffer()
            #expect(throws: DERPFramingError.malformed(Body.type), "\(length) bytes") { try Body(body: content) }
        }
    }
}
