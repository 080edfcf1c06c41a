import DERPProtocol
import Keys
import NIOCore
import Testing

@Suite("DERP server session")
struct DERPServerSessionTests {
    let fixture: HandshakeFixture

    init() throws {
        fixture = try HandshakeFixture()
    }

    @Test("a client greets, introduces itself, is admitted and sends packets")
    func handshake() throws {
        var session = fixture.serverSession()
        #expect(
            session.started(at: fixture.start) == .send(ServerKeyFrame(key: fixture.server.publicKey).encoded)
        )
        let info = try fixture.clientInfo(json: #"{"version":2,"CanAckPings":true}"#)
        let client = DERPClient(key: fixture.client.publicKey, info: DERPClientInfo(canAckPings: true))
        #expect(session.received(.frame(info), at: fixture.start) == .admit(client))
        #expect(session.isAwaitingAdmission)

        guard case .send(let bytes) = session.admitted(nonce: fixture.nonce, at: fixture.start) else {
            Issue.record("no server info")
            return
        }
        let body = try ServerInfoFrame(body: try fixture.onlyFrame(bytes).body)
        let text = NaClBox.open(
            body.box,
            nonce: body.nonce,
            from: fixture.server.publicKey.bytes,
            to: fixture.client.bytes
        )
        #expect(text.map { String(decoding: $0, as: UTF8.self) } == #"{"version":2}"#)
        #expect(!session.isAwaitingAdmission)
        let packets = try fixture.packets()
        #expect(session.received(.packets(packets), at: fixture.start) == .relay(packets))
    }

    @Test("before ClientInfo any other frame closes")
    func otherFirstFrame() throws {
        for body in [
            fixture.frame(PingFrame(data: 1)), fixture.frame(WatchConnectionsFrame()),
            fixture.frame(NotePreferredFrame(isHome: true)),
        ] {
            var session = fixture.greeted()
            #expect(session.received(.frame(body), at: fixture.start) == .close(.unexpectedFrame(body.type)))
            #expect(session.isClosed)
        }
        var session = fixture.greeted()
        let action = session.received(.packets(try fixture.packets()), at: fixture.start)
        #expect(action == .close(.unexpectedFrame(.sendPacket)))
    }

    @Test("a box of another key is forged")
    func forged() throws {
        var session = fixture.greeted()
        let stolen = try fixture.clientInfo(key: NodePrivateKey.generate().publicKey)
        #expect(session.received(.frame(stolen), at: fixture.start) == .close(.forged))
        var other = fixture.greeted()
        let zero = try fixture.clientInfo(key: .zero)
        #expect(other.received(.frame(zero), at: fixture.start) == .close(.forged))
    }

    @Test("a box without a JSON object closes", arguments: ["", "[]", "no"])
    func malformedInfo(json: String) throws {
        var session = fixture.greeted()
        let info = try fixture.clientInfo(json: json)
        #expect(session.received(.frame(info), at: fixture.start) == .close(.malformedInfo))
    }

    @Test("who is refused or revoked is closed")
    func refused() throws {
        var session = try fixture.introduced()
        #expect(session.refused() == .close(.notAdmitted))
        #expect(session.isClosed)
        var waiting = try fixture.introduced()
        #expect(waiting.revoked() == .close(.revoked))
        var open = try fixture.opened()
        #expect(open.revoked() == .close(.revoked))
        #expect(open.isClosed)
    }

    @Test("an open client's frames are answered, noted or passed over")
    func openFrames() throws {
        var session = try fixture.opened()
        func receive(_ frame: DERPFrame) -> DERPServerSession.Action {
            session.received(.frame(frame), at: fixture.start)
        }
        #expect(receive(fixture.frame(PingFrame(data: 5))) == .pong(PongFrame(data: 5).encoded))
        #expect(receive(fixture.frame(NotePreferredFrame(isHome: true))) == .notePreferred(isHome: true))
        #expect(receive(fixture.frame(PongFrame(data: 5))) == .nothing)
        #expect(receive(DERPFrame(type: DERPFrameType(rawValue: 0x7F))) == .nothing)
        #expect(receive(try fixture.clientInfo()) == .nothing)
        #expect(!session.isClosed)
    }

    @Test("frames of the relays of a region close a client")
    func meshFrames() throws {
        let peer = fixture.client.publicKey
        for frame in [
            fixture.frame(WatchConnectionsFrame()), fixture.frame(ClosePeerFrame(peer: peer)),
            fixture.frame(ForwardPacketFrame(source: peer, destination: peer, packet: ByteBuffer())),
        ] {
            var session = try fixture.opened()
            #expect(session.received(.frame(frame), at: fixture.start) == .close(.insufficientPermissions(frame.type)))
        }
    }

    @Test("broken framing closes in any state but closed")
    func framing() throws {
        let error = DERPFramingError.bodyTooLong(.sendPacket, length: 70_000, limit: 65_568)
        for var session in [fixture.greeted(), try fixture.introduced(), try fixture.opened()] {
            #expect(session.framingFailed(error) == .close(.framing(error)))
            #expect(session.framingFailed(error) == .nothing)
        }
    }

    @Test("after the end nothing happens")
    func closed() throws {
        var session = try fixture.closed()
        #expect(session.started(at: fixture.start) == .nothing)
        #expect(session.received(.frame(try fixture.clientInfo()), at: fixture.start) == .nothing)
        #expect(session.received(.packets(try fixture.packets()), at: fixture.start) == .nothing)
        #expect(session.admitted(nonce: fixture.nonce, at: fixture.start) == .nothing)
        #expect(session.refused() == .nothing)
        #expect(session.revoked() == .nothing)
        #expect(session.timerFired(at: fixture.start + .hours(1)) == .nothing)
        #expect(session.deadline == nil)
    }
}
