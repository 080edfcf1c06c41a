import NIOCore
import Testing

@testable import STUNProtocol

@Suite("STUN, faults")
struct STUNFaultTests {
    private let request: ByteBuffer
    private let sample: ByteBuffer
    private let response: ByteBuffer

    init() throws {
        let vectors = try STUNVectors.load()
        request = try buffer(hex: vectors.clientRequest)
        sample = try buffer(hex: vectors.rfc5769Request)
        response = try buffer(hex: vectors.serverResponseV6.wire)
    }

    @Test("a request cut short anywhere is refused")
    func truncated() {
        for whole in [request, sample] {
            for length in 0..<whole.readableBytes {
                let part = ByteBuffer(bytes: whole.readableBytesView.prefix(length))
                #expect(throws: length < 20 ? STUNError.notSTUN : .malformed) { try STUNBindingRequest(decoding: part) }
            }
        }
    }

    @Test("a request followed by anything is refused", arguments: 1...8)
    func trailing(count: Int) {
        var message = request
        message.writeRepeatingByte(0, count: count)
        #expect(throws: STUNError.malformed) { try STUNBindingRequest(decoding: message) }
    }

    @Test("a request with any byte changed is refused, or no longer fingerprinted", arguments: [0x01, 0x80] as [UInt8])
    func tampered(mask: UInt8) throws {
        for index in 0..<request.readableBytes {
            let message = try request.changing(index, by: mask)
            // The two bytes that say that the last attribute is a fingerprint.
            guard !(32..<34 ~= index) else {
                #expect(try !STUNBindingRequest(decoding: message).isFingerprinted)
                continue
            }
            let error = #expect(throws: STUNError.self) { try STUNBindingRequest(decoding: message) }
            if 8..<20 ~= index { #expect(error == .wrongFingerprint) }
            if 4..<8 ~= index { #expect(error == .notSTUN) }
        }
    }

    @Test("other messages are refused by their type", arguments: [0x0101, 0x0111, 0x0011, 0x0003, 0x0000] as [UInt16])
    func otherType(type: UInt16) {
        let message = message(type: type, attributes: [])
        #expect(throws: STUNError.wrongType(type)) { try STUNBindingRequest(decoding: message) }
    }

    @Test(
        "attributes that do not fit are refused",
        arguments: [
            // Longer than what is left; padding missing; a header cut short; a length over all bounds.
            [0x80, 0x22, 0, 5, 1, 2, 3, 4], [0x80, 0x22, 0, 8, 1, 2, 3, 4], [0x80, 0x22, 0xFF, 0xFF],
            [0x80, 0x22, 0, 0, 0x80, 0x22, 0, 1],
        ] as [[UInt8]]
    )
    func attributes(bytes: [UInt8]) {
        let message = message(type: 1, attributes: bytes)
        #expect(throws: STUNError.malformed) { try STUNBindingRequest(decoding: message) }
    }

    @Test("an attribute length off the four-byte grid is refused", arguments: 1...3)
    func offGrid(count: Int) {
        let message = message(type: 1, attributes: Array(repeating: 0, count: count))
        #expect(throws: STUNError.malformed) { try STUNBindingRequest(decoding: message) }
    }

    @Test("a fingerprint of another length, or one that is not last, is refused")
    func misplacedFingerprint() {
        let short = message(type: 1, attributes: [0x80, 0x28, 0, 2, 0, 0, 0, 0])
        #expect(throws: STUNError.malformed) { try STUNBindingRequest(decoding: short) }
        var early = request
        early.setInteger(UInt16(24), at: 2)
        early.writeBytes([0x80, 0x22, 0, 0])
        #expect(throws: STUNError.malformed) { try STUNBindingRequest(decoding: early) }
    }

    @Test("random bytes never pass for a request", arguments: 0..<200 as Range<UInt64>)
    func random(seed: UInt64) {
        var generator = LinearGenerator(state: seed)
        let bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        #expect(throws: STUNError.self) { try STUNBindingRequest(decoding: ByteBuffer(bytes: bytes)) }
    }

    @Test(
        "a request with a right header and random attributes is accepted or refused, no more",
        arguments: 0..<200 as Range<UInt64>
    )
    func randomAttributes(seed: UInt64) {
        var generator = LinearGenerator(state: seed)
        let bytes = (0..<4 * Int.random(in: 0...20, using: &generator)).map { _ in
            // Small numbers, so that lengths are sometimes right.
            UInt8.random(in: 0...8, using: &generator)
        }
        let message = message(type: 1, attributes: bytes)
        if let request = try? STUNBindingRequest(decoding: message) {
            #expect(request.transaction == STUNTransactionID(high: 1, low: 2))
        }
    }

    @Test("a response cut short anywhere, of a wrong family or without an address is refused")
    func responses() throws {
        for length in 0..<response.readableBytes {
            let part = ByteBuffer(bytes: response.readableBytesView.prefix(length))
            #expect(throws: length < 20 ? STUNError.notSTUN : .malformed) { try STUNBindingResponse(decoding: part) }
        }
        let family = try response.changing(25, by: 3)
        #expect(throws: STUNError.malformed) { try STUNBindingResponse(decoding: family) }
        let other = try response.changing(21, by: 1)
        #expect(throws: STUNError.noAddress) { try STUNBindingResponse(decoding: other) }
        #expect(throws: STUNError.wrongType(1)) { try STUNBindingResponse(decoding: request) }
    }

    private func message(type: UInt16, attributes: [UInt8]) -> ByteBuffer {
        var message = ByteBuffer()
        let transaction = STUNTransactionID(high: 1, low: 2)
        STUNMessage.writeHeader(type: type, attributeLength: attributes.count, transaction: transaction, into: &message)
        message.writeBytes(attributes)
        return message
    }
}

/// The same numbers for the same seed.
private struct LinearGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }
}
