import DERPProtocol
import Keys
import NIOCore
import Testing

/// Keys, times and frames for session tests.
struct HandshakeFixture {
    let server = DERPPrivateKey.generate()
    let client = NodePrivateKey.generate()
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    let nonce: NaClBox.Nonce

    init() throws {
        nonce = try #require(NaClBox.Nonce([UInt8](repeating: 9, count: 24)))
    }

    func serverSession() -> DERPServerSession {
        DERPServerSession(DERPServerSession.Configuration(key: server))
    }

    func clientInfo(json: String = #"{"version":2}"#, key: NodePublicKey? = nil) throws -> DERPFrame {
        let box = try #require(
            NaClBox.seal(Array(json.utf8), nonce: nonce, to: server.publicKey.bytes, from: client.bytes)
        )
        return frame(ClientInfoFrame(key: key ?? client.publicKey, nonce: nonce, box: box))
    }

    func frame(_ body: some DERPFrameBody) -> DERPFrame {
        var buffer = ByteBuffer()
        body.encodeBody(into: &buffer)
        return DERPFrame(type: type(of: body).type, body: buffer)
    }

    /// A session that waits for ClientInfo.
    func greeted() -> DERPServerSession {
        var session = serverSession()
        _ = session.started(at: start)
        return session
    }

    /// A session that waits for admission.
    func introduced() throws -> DERPServerSession {
        var session = greeted()
        _ = session.received(.frame(try clientInfo()), at: start)
        return session
    }

    func opened() throws -> DERPServerSession {
        var session = try introduced()
        _ = session.admitted(nonce: nonce, at: start)
        return session
    }

    func closed() throws -> DERPServerSession {
        var session = try opened()
        session.ended()
        return session
    }

    func packets() throws -> DERPPackets {
        var decoder = DERPFrameDecoder(framesFrom: .client)
        decoder.append(SendPacketFrame(destination: client.publicKey, packet: ByteBuffer(bytes: [1])).encoded)
        guard case .packets(let packets) = try decoder.nextInput() else {
            throw VectorFiles.Missing(name: "packets")
        }
        return packets
    }

    /// The only frame in these bytes.
    func onlyFrame(_ bytes: ByteBuffer) throws -> DERPFrame {
        var decoder = DERPFrameDecoder(framesFrom: .server)
        decoder.append(bytes)
        let frame = try #require(try decoder.next())
        #expect(try decoder.next() == nil)
        return frame
    }
}
