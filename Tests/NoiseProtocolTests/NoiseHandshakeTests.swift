import Foundation
import Keys
import NIOCore
import Testing

@testable import NoiseProtocol

@Suite("Noise handshake")
struct NoiseHandshakeTests {
    @Test("every vector of the file is tested")
    func names() throws {
        #expect(try NoiseVector.all().map(\.name) == NoiseVector.names)
    }

    @Test("the client writes the initiation of the vector", arguments: NoiseVector.names)
    func initiation(name: String) throws {
        let vector = try NoiseVector.named(name)
        let initiation = try vector.initiator().initiation
        #expect(initiation.hex == vector.initiation)
        #expect(Data(initiation.readableBytesView).base64EncodedString() == vector.xTailscaleHandshake)
    }

    @Test("the server answers with the response of the vector and knows the client", arguments: NoiseVector.names)
    func response(name: String) throws {
        let vector = try NoiseVector.named(name)
        let acceptance = try vector.acceptance()
        #expect(acceptance.response.hex == vector.response)
        #expect(acceptance.client.bytes.hex == vector.clientStaticPub)
        #expect(acceptance.version == vector.version)
    }

    @Test("both sides end with the keys and the hash of the vector", arguments: NoiseVector.names)
    func keys(name: String) throws {
        let vector = try NoiseVector.named(name)
        let server = try vector.acceptance().keys
        let client = try vector.clientKeys()
        #expect(hex(server.sending) == vector.keyServerToClient)
        #expect(hex(server.receiving) == vector.keyClientToServer)
        #expect(hex(client.sending) == vector.keyClientToServer)
        #expect(hex(client.receiving) == vector.keyServerToClient)
        let hash = try bytes(hex: vector.handshakeHash)
        #expect(server.handshakeHash == hash)
        #expect(client.handshakeHash == hash)
    }

    @Test("hash, chaining key and cipher key are right after each step of the server", arguments: NoiseVector.names)
    func steps(name: String) throws {
        let vector = try NoiseVector.named(name)
        let message = try NoiseInitiation(decoding: buffer(hex: vector.initiation))
        var state = NoiseSymmetricState(version: vector.version, server: try vector.serverKey.publicKey)
        var key: BLAKE2sDigest?
        // The first three steps are the initializer.
        #expect(hex(state.hash) == vector.traceServer[2].h)
        for step in vector.traceServer.dropFirst(3) {
            switch step.step {
            case "MixHash(re)":
                state.mixHash(message.ephemeral)
            case "MixHash(e)":
                state.mixHash(try keyBytes(hex: vector.serverEphPub))
            case "DecryptAndHash(rs)":
                let opened = try state.open(message.sealedKey, key: #require(key))
                #expect(opened.hex == vector.clientStaticPub)
            case "DecryptAndHash(payload='')":
                #expect(try state.open(message.tag, key: #require(key)).readableBytes == 0)
            case "EncryptAndHash(payload='')":
                #expect(vector.response.hasSuffix(try state.seal(ByteBuffer(), key: #require(key)).hex))
            default:
                key = state.mixKey(try keyBytes(hex: #require(step.dh)))
                #expect(try hex(#require(key)) == step.k)
                #expect(hex(state.chainingKey) == step.ck)
            }
            #expect(hex(state.hash) == step.h, "after \(step.step)")
        }
    }

    @Test("shared secrets are those of the vector")
    func secrets() throws {
        let vector = try NoiseVector.named("v1-simple")
        let expected = vector.traceServer.compactMap(\.dh)
        let clientEphemeral = try keyBytes(hex: vector.clientEphPub)
        let clientStatic = try keyBytes(hex: vector.clientStaticPub)
        #expect(
            try [
                keyAgreement(vector.serverKey, clientEphemeral), keyAgreement(vector.serverKey, clientStatic),
                keyAgreement(vector.serverEphemeral, clientEphemeral),
                keyAgreement(vector.serverEphemeral, clientStatic),
            ].map(\.hex) == expected
        )
    }

    @Test("two handshakes between the same keys share no transport key")
    func freshKeys() throws {
        let vector = try NoiseVector.named("v1-simple")
        let initiation = try buffer(hex: vector.initiation)
        let responder = NoiseResponder(key: try vector.serverKey)
        let first = try responder.accept(initiation)
        let second = try responder.accept(initiation)
        #expect(first.response != second.response)
        #expect(first.keys.sending != second.keys.sending)
        #expect(first.keys.receiving != second.keys.receiving)
    }

    @Test("any version is accepted", arguments: [0, 1, 9, 10, 999, 65535] as [UInt16])
    func versions(version: UInt16) throws {
        let vector = try NoiseVector.named("v1-simple")
        let server = try vector.serverKey
        let initiator = try NoiseInitiator(key: vector.clientKey, server: server.publicKey, version: version)
        let acceptance = try NoiseResponder(key: server).accept(initiator.initiation)
        #expect(acceptance.version == version)
        #expect(try initiator.finish(acceptance.response).sending == acceptance.keys.receiving)
    }

    @Test("keys do not print")
    func redacted() throws {
        let keys = try NoiseVector.named("v1-simple").clientKeys()
        var dumped = ""
        dump(keys, to: &dumped)
        #expect("\(keys)" == "<redacted>")
        #expect(String(reflecting: keys) == "<redacted>")
        #expect(!dumped.contains("SIMD"))
    }
}
