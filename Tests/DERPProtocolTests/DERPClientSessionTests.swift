import DERPProtocol
import Keys
import NIOCore
import Testing

@Suite("DERP client session")
struct DERPClientSessionTests {
    let fixture: HandshakeFixture

    init() throws {
        fixture = try HandshakeFixture()
    }

    @Test("the two sessions understand each other", arguments: [false, true])
    func bothEnds(isFastStart: Bool) throws {
        var server = fixture.serverSession()
        var client = DERPClientSession(
            key: fixture.client,
            info: DERPClientInfo(canAckPings: true),
            nonce: fixture.nonce
        )
        let greeting = try sent(server.started(at: fixture.start))
        let answer =
            isFastStart
            ? client.fastStarted(server: fixture.server.publicKey)
            : client.received(try fixture.onlyFrame(greeting))
        guard case .send(var info) = answer else {
            Issue.record("\(answer)")
            return
        }
        info.moveReaderIndex(forwardBy: DERPFrame.headerLength)
        let admit = server.received(.frame(DERPFrame(type: .clientInfo, body: info)), at: fixture.start)
        #expect(
            admit == .admit(DERPClient(key: fixture.client.publicKey, info: DERPClientInfo(canAckPings: true)))
        )
        let serverInfo = try sent(server.admitted(nonce: fixture.nonce, at: fixture.start))
        #expect(client.received(try fixture.onlyFrame(serverInfo)) == .opened(DERPServerInfo()))
    }

    @Test("server info of another version or another key closes")
    func badServerInfo() throws {
        let other = DERPPrivateKey.generate()
        for (json, key, reason) in [
            (#"{"version":3}"#, fixture.server, DERPCloseReason.unsupportedVersion(3)),
            (#"{"version":2}"#, other, .forged), ("[]", fixture.server, .malformedInfo),
        ] {
            var client = try greeted()
            let box = try #require(
                NaClBox.seal(
                    Array(json.utf8),
                    nonce: fixture.nonce,
                    to: fixture.client.publicKey.bytes,
                    from: key.bytes
                )
            )
            let frame = fixture.frame(ServerInfoFrame(nonce: fixture.nonce, box: box))
            #expect(client.received(frame) == .close(reason))
            #expect(client.received(frame) == .nothing)
        }
    }

    @Test("another frame in the handshake closes")
    func unexpected() throws {
        var fresh = DERPClientSession(key: fixture.client, nonce: fixture.nonce)
        #expect(fresh.received(fixture.frame(KeepAliveFrame())) == .close(.unexpectedFrame(.keepAlive)))
        var client = try greeted()
        #expect(client.received(fixture.frame(PingFrame(data: 1))) == .close(.unexpectedFrame(.ping)))
    }

    @Test("an open client reports what the relay sends, and answers pings")
    func open() throws {
        var client = try greeted()
        let box = try #require(
            NaClBox.seal(
                DERPServerInfo().json,
                nonce: fixture.nonce,
                to: fixture.client.publicKey.bytes,
                from: fixture.server.bytes
            )
        )
        _ = client.received(fixture.frame(ServerInfoFrame(nonce: fixture.nonce, box: box)))
        let peer = NodePrivateKey.generate().publicKey
        let packet = ByteBuffer(bytes: [1, 2])
        #expect(
            client.received(fixture.frame(ReceivePacketFrame(source: peer, packet: packet)))
                == .packet(source: peer, packet)
        )
        #expect(client.received(fixture.frame(KeepAliveFrame())) == .keepAlive)
        #expect(client.received(fixture.frame(PingFrame(data: 3))) == .send(PongFrame(data: 3).encoded))
        #expect(client.received(fixture.frame(PongFrame(data: 4))) == .pong(data: 4))
        #expect(
            client.received(fixture.frame(PeerGoneFrame(peer: peer, reason: .notHere))) == .peerGone(peer, .notHere)
        )
        #expect(client.received(fixture.frame(HealthFrame(problem: "x"))) == .health(problem: "x"))
        #expect(client.received(DERPFrame(type: .peerPresent)) == .nothing)
    }

    private func greeted() throws -> DERPClientSession {
        var client = DERPClientSession(key: fixture.client, nonce: fixture.nonce)
        _ = client.received(fixture.frame(ServerKeyFrame(key: fixture.server.publicKey)))
        return client
    }

    private func sent(_ action: DERPServerSession.Action) throws -> ByteBuffer {
        guard case .send(let bytes) = action else { throw VectorFiles.Missing(name: "\(action)") }
        return bytes
    }
}
