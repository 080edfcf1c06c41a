import Keys
import NIOCore
import Testing

@testable import NoiseProtocol

@Suite("Noise handshake, faults")
struct NoiseHandshakeFaultTests {
    /// Every public key in canonical form with which X25519 gives zero, and the two forms of 0 and 1 beyond the prime.
    static let lowOrderPoints = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // With the bit that X25519 ignores.
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ]

    let vector: NoiseVector
    let responder: NoiseResponder

    init() throws {
        vector = try NoiseVector.named("v130-early-payload")
        responder = NoiseResponder(key: try vector.serverKey)
    }

    @Test("an initiation of any other length is refused, whatever is in it", arguments: 0...110)
    func lengths(length: Int) throws {
        let valid = try buffer(hex: vector.initiation)
        let cutOrPadded = ByteBuffer(
            bytes: (Array(valid.readableBytesView) + Array(repeating: 0, count: 10)).prefix(length)
        )
        for message in [
            cutOrPadded, ByteBuffer(repeating: 0, count: length), ByteBuffer(repeating: 0xFF, count: length),
        ] {
            if message == valid {
                #expect(try responder.accept(message).version == vector.version)
            } else if length == NoiseInitiation.length {
                #expect(throws: NoiseError.wrongType(message.getInteger(at: 2) ?? 1)) { try responder.accept(message) }
            } else {
                let error = NoiseError.wrongLength(expected: 101, actual: length)
                #expect(throws: error) { try responder.accept(message) }
                #expect(error.textForPeer != nil)
            }
        }
    }

    @Test("an initiation with any byte changed is refused", arguments: 0..<101, [0x01, 0x80] as [UInt8])
    func tamperedInitiation(index: Int, mask: UInt8) throws {
        let message = try buffer(hex: vector.initiation).changing(index, by: mask)
        let error = #expect(throws: NoiseError.self) { try responder.accept(message) }
        switch index {
        case 2: #expect(error == .wrongType(1 ^ mask))
        case 3, 4:
            #expect(error == .wrongLength(expected: 96, actual: index == 3 ? 96 | Int(mask) << 8 : 96 ^ Int(mask)))
        default:
            #expect(error == .decryptionFailed)
            #expect(error?.textForPeer == nil)
        }
    }

    @Test("an initiation for another server is refused")
    func otherServer() throws {
        let message = try buffer(hex: vector.initiation)
        #expect(throws: NoiseError.decryptionFailed) { try NoiseResponder(key: .generate()).accept(message) }
    }

    @Test("a low-order ephemeral key of the client is refused", arguments: lowOrderPoints)
    func lowOrderEphemeral(point: String) throws {
        let message = NoiseInitiation(
            version: 130,
            ephemeral: try keyBytes(hex: point),
            sealedKey: ByteBuffer(repeating: 0, count: 48),
            tag: ByteBuffer(repeating: 0, count: 16)
        )
        #expect(throws: NoiseError.lowOrderPoint) { try responder.accept(message.encoded()) }
    }

    @Test("a low-order static key of the client is refused though all its tags fit", arguments: lowOrderPoints)
    func lowOrderStatic(point: String) throws {
        let server = try vector.serverKey.publicKey
        let ephemeral = NoiseEphemeralKey.generate()
        var state = NoiseSymmetricState(version: 130, server: server)
        state.mixHash(ephemeral.publicKey.bytes)
        let sealedKeyKey = state.mixKey(try keyAgreement(ephemeral, server.bytes))
        let sealedKey = try state.seal(buffer(hex: point), key: sealedKeyKey)
        // What the server would compute too: everybody knows this secret.
        let tagKey = state.mixKey(.zero)
        let tag = try state.seal(ByteBuffer(), key: tagKey)
        let message = NoiseInitiation(
            version: 130,
            ephemeral: ephemeral.publicKey.bytes,
            sealedKey: sealedKey,
            tag: tag
        )
        #expect(throws: NoiseError.lowOrderPoint) { try responder.accept(message.encoded()) }
    }

    @Test("a client refuses a low-order key of the server", arguments: lowOrderPoints)
    func lowOrderServer(point: String) throws {
        let server = MachinePublicKey(try keyBytes(hex: point))
        let initiator = try vector.initiator()
        #expect(throws: NoiseError.lowOrderPoint) {
            try NoiseInitiator(key: .generate(), server: server, version: 130)
        }
        let response = NoiseResponse(ephemeral: server.bytes, tag: ByteBuffer(repeating: 0, count: 16))
        #expect(throws: NoiseError.lowOrderPoint) { try initiator.finish(response.encoded()) }
    }

    @Test("a response with any byte changed is refused", arguments: 0..<51, [0x04, 0x80] as [UInt8])
    func tamperedResponse(index: Int, mask: UInt8) throws {
        let message = try buffer(hex: vector.response).changing(index, by: mask)
        let error = #expect(throws: NoiseError.self) { try vector.initiator().finish(message) }
        switch index {
        case 0: #expect(error == .wrongType(2 ^ mask))
        case 1, 2: #expect(error == .wrongLength(expected: 51, actual: 51))
        default: #expect(error == .decryptionFailed)
        }
    }

    @Test("a response of any other length is refused", arguments: 0...60)
    func responseLengths(length: Int) throws {
        guard length != NoiseResponse.length else { return }
        let padded = try bytes(hex: vector.response) + Array(repeating: 0, count: 10)
        #expect(throws: NoiseError.wrongLength(expected: 51, actual: length)) {
            try vector.initiator().finish(ByteBuffer(bytes: padded.prefix(length)))
        }
    }

    @Test("an error message in place of the response carries its text to the caller")
    func refusal() throws {
        var message = ByteBuffer()
        NoiseErrorMessage(text: "no entry").encode(into: &message)
        #expect(message.hex == "030008" + ByteBuffer(string: "no entry").hex)
        let initiator = try vector.initiator()
        #expect(throws: NoiseError.refused(text: "no entry")) { try initiator.finish(message) }
        message.writeInteger(UInt8(0))
        #expect(throws: NoiseError.wrongType(3)) { try initiator.finish(message) }
    }

    @Test("the text of an error message is cut at its limit")
    func longRefusal() {
        var message = ByteBuffer()
        NoiseErrorMessage(text: String(repeating: "x", count: 70_000)).encode(into: &message)
        #expect(NoiseErrorMessage(decoding: message)?.text.utf8.count == NoiseErrorMessage.textLimit)
    }
}
