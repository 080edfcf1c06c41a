import NIOCore
import Testing

@testable import NoiseProtocol

@Suite("Noise records, faults")
struct NoiseRecordFaultTests {
    private let receiver: NoiseReceiver

    init() throws {
        receiver = try NoiseReceiver(transportKeys())
    }

    @Test("a record with any byte changed gives no plaintext", arguments: 0..<24, [0x01, 0x80] as [UInt8])
    func tampered(index: Int, mask: UInt8) throws {
        let wire = try NoiseSender(transportKeys()).seal(all: ByteBuffer(string: "hello"))
        try #require(wire.readableBytes == 24)
        // Followed by bytes enough for a record that claims to be longer.
        var input = try wire.changing(index, by: mask)
        input.writeRepeatingByte(0, count: NoiseRecord.frameLimit)
        var output = ByteBuffer()
        let error = #expect(throws: NoiseError.self) { try receiver.open(&input, into: &output) }
        #expect(output.readableBytes == 0)
        switch (index, mask) {
        case (0, _): #expect(error == .wrongType(4 ^ mask))
        case (1, 0x80): #expect(error == .recordTooLong(length: 0x8015))
        default: #expect(error == .decryptionFailed)
        }
    }

    @Test("after a fault in the second of three records only the first is read, and nothing after it")
    func spent() throws {
        let sender = try NoiseSender(transportKeys())
        var input = try sender.seal(all: ByteBuffer(string: "first"))
        let second = try sender.seal(all: ByteBuffer(string: "second"))
        input.writeImmutableBuffer(try second.changing(10, by: 1))
        let third = try sender.seal(all: ByteBuffer(string: "third"))
        input.writeImmutableBuffer(third)
        var output = ByteBuffer()
        #expect(throws: NoiseError.decryptionFailed) { try receiver.open(&input, into: &output) }
        #expect(String(buffer: output) == "first")
        #expect(throws: NoiseError.spent) { try receiver.open(all: second) }
        #expect(throws: NoiseError.spent) { try receiver.open(all: ByteBuffer()) }
    }

    @Test("an oversized record is refused before its body arrives", arguments: [4094, 4096, 65535] as [UInt16])
    func oversized(length: UInt16) {
        var header = ByteBuffer()
        header.writeMultipleIntegers(UInt8(4), length)
        #expect(throws: NoiseError.recordTooLong(length: Int(length))) { try receiver.open(all: header) }
    }

    @Test("the longest record allowed is waited for")
    func longest() throws {
        var header = ByteBuffer()
        header.writeMultipleIntegers(UInt8(4), UInt16(4093))
        #expect(try receiver.open(all: header).readableBytes == 0)
        #expect(try receiver.open(all: ByteBuffer(repeating: 0, count: 4092)).readableBytes == 0)
        #expect(throws: NoiseError.decryptionFailed) { try receiver.open(all: ByteBuffer(repeating: 0, count: 1)) }
    }

    @Test("a record too short for a tag is refused", arguments: [0, 1, 15] as [UInt16])
    func tooShort(length: UInt16) {
        var header = ByteBuffer()
        header.writeMultipleIntegers(UInt8(4), length)
        #expect(throws: NoiseError.recordTooShort(length: Int(length))) { try receiver.open(all: header) }
    }

    @Test("a message of another type is refused at its first byte", arguments: [0, 1, 2, 3, 5, 0x50, 255] as [UInt8])
    func otherType(type: UInt8) {
        #expect(throws: NoiseError.wrongType(type)) { try receiver.open(all: ByteBuffer(integer: type)) }
    }

    @Test("a header split over slices is judged as soon as it is whole")
    func splitHeader() throws {
        #expect(try receiver.open(all: ByteBuffer(bytes: [4])).readableBytes == 0)
        #expect(try receiver.open(all: ByteBuffer(bytes: [0xFF])).readableBytes == 0)
        #expect(throws: NoiseError.recordTooLong(length: 0xFF00)) { try receiver.open(all: ByteBuffer(bytes: [0])) }
    }

    @Test("a record sent twice is refused the second time")
    func replay() throws {
        let wire = try NoiseSender(transportKeys()).seal(all: ByteBuffer(string: "once"))
        #expect(try String(buffer: receiver.open(all: wire)) == "once")
        #expect(throws: NoiseError.decryptionFailed) { try receiver.open(all: wire) }
    }

    @Test("a record that overtakes another is refused")
    func reordered() throws {
        let sender = try NoiseSender(transportKeys())
        _ = try sender.seal(all: ByteBuffer(string: "first"))
        let second = try sender.seal(all: ByteBuffer(string: "second"))
        #expect(throws: NoiseError.decryptionFailed) { try receiver.open(all: second) }
    }

    @Test("a side does not read what it sealed itself")
    func reflected() throws {
        let keys = try NoiseVector.named("v1-simple").acceptance().keys
        let wire = try NoiseSender(keys).seal(all: ByteBuffer(string: "hello"))
        let receiver = try NoiseReceiver(keys)
        #expect(throws: NoiseError.decryptionFailed) { try receiver.open(all: wire) }
    }

    @Test("the last counter is never used to seal")
    func senderExhausted() throws {
        let sender = try NoiseSender(transportKeys(), counter: .max - 1)
        _ = try sender.seal(all: ByteBuffer(string: "last"))
        #expect(throws: NoiseError.counterExhausted) { try sender.seal(all: ByteBuffer(string: "too late")) }
    }

    @Test("plaintext that needs one counter too many is left alone, and nothing is sealed after it")
    func senderExhaustedMidway() throws {
        let sender = try NoiseSender(transportKeys(), counter: .max - 1)
        var plaintext = ByteBuffer(repeating: 1, count: NoiseRecord.plaintextLimit + 1)
        var output = ByteBuffer()
        #expect(throws: NoiseError.counterExhausted) { try sender.seal(&plaintext, into: &output) }
        #expect(plaintext.readableBytes == NoiseRecord.plaintextLimit + 1)
        #expect(output.readableBytes == 0)
        #expect(throws: NoiseError.counterExhausted) { try sender.seal(all: ByteBuffer(string: "small")) }
    }

    @Test("the last counter is never used to open")
    func receiverExhausted() throws {
        let wire = try NoiseSender(transportKeys(), counter: .max - 1).seal(all: ByteBuffer(string: "last"))
        let receiver = try NoiseReceiver(transportKeys(), counter: .max - 1)
        #expect(try String(buffer: receiver.open(all: wire)) == "last")
        #expect(throws: NoiseError.counterExhausted) { try receiver.open(all: wire) }
    }
}
