import NIOCore
import Testing

@testable import NoiseProtocol

@Suite("Noise records")
struct NoiseRecordTests {
    @Test("both sides write the records of the vector", arguments: NoiseVector.names)
    func sealing(name: String) throws {
        let vector = try NoiseVector.named(name)
        let server = try NoiseSender(vector.acceptance().keys)
        for exchange in vector.serverToClientRecords {
            #expect(try server.seal(all: buffer(hex: exchange.plaintext)).hex == exchange.wire)
        }
        let client = try NoiseSender(vector.clientKeys())
        for exchange in vector.clientToServerRecords {
            #expect(try client.seal(all: buffer(hex: exchange.plaintext)).hex == exchange.wire)
        }
    }

    @Test("both sides read the records of the vector", arguments: NoiseVector.names)
    func opening(name: String) throws {
        let vector = try NoiseVector.named(name)
        let server = try NoiseReceiver(vector.acceptance().keys)
        for exchange in vector.clientToServerRecords {
            #expect(try server.open(all: buffer(hex: exchange.wire)).hex == exchange.plaintext)
        }
        let client = try NoiseReceiver(vector.clientKeys())
        for exchange in vector.serverToClientRecords {
            #expect(try client.open(all: buffer(hex: exchange.wire)).hex == exchange.plaintext)
        }
    }

    @Test("a stream of records cut at any byte reads the same")
    func cutAnywhere() throws {
        let vector = try NoiseVector.named("v145-fragmentation")
        let wire = try buffer(hex: vector.serverToClientRecords.map(\.wire).joined())
        let plaintext = try buffer(hex: vector.serverToClientRecords.map(\.plaintext).joined())
        let keys = try vector.clientKeys()
        for cut in 0...wire.readableBytes {
            let receiver = try NoiseReceiver(keys)
            var first = wire
            var second = wire
            first.moveWriterIndex(to: first.readerIndex + cut)
            second.moveReaderIndex(forwardBy: cut)
            var output = ByteBuffer()
            try receiver.open(&first, into: &output)
            try receiver.open(&second, into: &output)
            try #require(output == plaintext, "cut at \(cut)")
        }
    }

    @Test(
        "a stream of records in slices of one size reads the same",
        arguments: [1, 2, 3, 4, 16, 18, 19, 20, 1000, 4095]
    )
    func slices(length: Int) throws {
        let vector = try NoiseVector.named("v145-fragmentation")
        var wire = try buffer(hex: vector.serverToClientRecords.map(\.wire).joined())
        let receiver = try NoiseReceiver(vector.clientKeys())
        var output = ByteBuffer()
        while var slice = wire.readSlice(length: min(length, wire.readableBytes)), slice.readableBytes > 0 {
            try receiver.open(&slice, into: &output)
            #expect(slice.readableBytes == 0)
        }
        #expect(try output == buffer(hex: vector.serverToClientRecords.map(\.plaintext).joined()))
    }

    @Test(
        "plaintext is cut into full records and one rest",
        arguments: [(1, 1), (4076, 1), (4077, 1), (4078, 2), (8154, 2), (8155, 3), (100_000, 25)]
    )
    func cutting(length: Int, recordCount: Int) throws {
        let plaintext = ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0) })
        let wire = try NoiseSender(transportKeys()).seal(all: plaintext)
        #expect(wire.readableBytes == length + recordCount * 19)
        var rest = wire
        for index in 1...recordCount {
            let header = rest.readMultipleIntegers(as: (UInt8, UInt16).self)
            let (type, bodyLength) = try #require(header)
            #expect(type == 4)
            #expect(Int(bodyLength) == (index < recordCount ? 4093 : length - (recordCount - 1) * 4077 + 16))
            let body = rest.readSlice(length: Int(bodyLength))
            #expect(body != nil)
        }
        #expect(rest.readableBytes == 0)
        #expect(try NoiseReceiver(transportKeys()).open(all: wire) == plaintext)
    }

    @Test("sealing reads all of the plaintext and appends to what the output holds")
    func appending() throws {
        var plaintext = ByteBuffer(string: "xhello")
        plaintext.moveReaderIndex(forwardBy: 1)
        var output = ByteBuffer(string: "before")
        try NoiseSender(transportKeys()).seal(&plaintext, into: &output)
        #expect(plaintext.readableBytes == 0)
        #expect(output.readString(length: 6) == "before")
        var opened = ByteBuffer(string: "kept ")
        try NoiseReceiver(transportKeys()).open(&output, into: &opened)
        #expect(String(buffer: opened) == "kept hello")
    }

    @Test("a slice of the output's own storage is sealed unharmed")
    func sharedStorage() throws {
        var output = ByteBuffer(string: "hello")
        var plaintext = output
        try NoiseSender(transportKeys()).seal(&plaintext, into: &output)
        output.moveReaderIndex(forwardBy: 5)
        #expect(try String(buffer: NoiseReceiver(transportKeys()).open(all: output)) == "hello")
    }

    @Test("no plaintext makes no record and takes no nonce")
    func nothing() throws {
        let sender = try NoiseSender(transportKeys())
        #expect(try sender.seal(all: ByteBuffer()).readableBytes == 0)
        #expect(
            try NoiseReceiver(transportKeys()).open(all: sender.seal(all: ByteBuffer(string: "hello")))
                == ByteBuffer(string: "hello")
        )
    }

    @Test("records without plaintext are passed over and counted")
    func emptyRecords() throws {
        let receiver = try NoiseReceiver(transportKeys())
        // Counters 0 and 1.
        #expect(try receiver.open(all: buffer(hex: "04001010324f800a160bd9a1794255be7ec29d")).readableBytes == 0)
        #expect(try receiver.open(all: buffer(hex: "040010fa0e145e8775eb78c274755606de74fb")).readableBytes == 0)
        let third = try NoiseSender(transportKeys(), counter: 2).seal(all: ByteBuffer(string: "third"))
        #expect(try String(buffer: receiver.open(all: third)) == "third")
    }

    @Test(
        "the counter stands in the nonce in big-endian",
        arguments: [
            (0x0102_0304_0506_0708, "0400158783c994ca1e67f007535c8076d5b755d3784d443c"),
            (UInt64.max - 1, "04001595e9923ddb7f83334e15d278b38ac2cdabe5003af2"),
        ]
    )
    func nonce(counter: UInt64, wire: String) throws {
        let plaintext = ByteBuffer(string: "hello")
        #expect(try NoiseSender(transportKeys(), counter: counter).seal(all: plaintext).hex == wire)
        #expect(try NoiseReceiver(transportKeys(), counter: counter).open(all: buffer(hex: wire)) == plaintext)
    }
}
