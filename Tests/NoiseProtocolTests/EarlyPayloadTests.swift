import Keys
import NIOCore
import NoiseProtocol
import Testing

@Suite("Early payload")
struct EarlyPayloadTests {
    private static let length = 104

    private let wire: ByteBuffer

    init() throws {
        wire = try buffer(hex: NoiseVector.named("v130-early-payload").earlyPayloadPlaintextHex)
    }

    @Test("a payload reads and writes as in the vector")
    func vector() throws {
        var rest = wire
        guard case .present(let payload) = try EarlyPayload.read(from: &rest) else {
            Issue.record("no payload")
            return
        }
        #expect(rest.readableBytes == 0)
        var written = ByteBuffer()
        payload.encode(into: &written)
        #expect(written == wire)
        #expect(written.readableBytes == Self.length)
    }

    @Test("nothing is read until the payload is whole, and nothing beyond it", arguments: 0...length)
    func cutAnywhere(cut: Int) throws {
        var start = ByteBuffer(bytes: wire.readableBytesView.prefix(cut))
        guard cut < Self.length else {
            start.writeString("PRI")
            #expect(try EarlyPayload.read(from: &start) != .incomplete)
            #expect(String(buffer: start) == "PRI")
            return
        }
        #expect(try EarlyPayload.read(from: &start) == .incomplete)
        #expect(start.readableBytes == cut)
    }

    @Test(
        "plaintext that begins otherwise is left to HTTP/2",
        arguments: ["00", "000000040000000000", "ffffff5454", "ff00"]
    )
    func absent(start: String) throws {
        var plaintext = try buffer(hex: start)
        #expect(try EarlyPayload.read(from: &plaintext) == .absent)
        #expect(plaintext.hex == start)
    }

    @Test("a payload too long is refused before its JSON arrives")
    func tooLong() throws {
        var plaintext = try buffer(hex: "ffffff545300000401")
        #expect(throws: NoiseError.malformedEarlyPayload) { try EarlyPayload.read(from: &plaintext) }
    }

    @Test(
        "JSON of another form is refused",
        arguments: [
            "", "{}", "null", #"{"nodeKeyChallenge":"chalpub:00"}"#, #"{"nodeKeyChallenge":""}"#,
            "\u{1F469}\u{200D}\u{1F466}",
        ]
    )
    func malformed(json: String) throws {
        var plaintext = try buffer(hex: "ffffff5453")
        plaintext.writeInteger(UInt32(json.utf8.count))
        plaintext.writeString(json)
        #expect(throws: NoiseError.malformedEarlyPayload) { try EarlyPayload.read(from: &plaintext) }
    }

    @Test("a payload with any byte of its JSON changed is not taken for the same")
    func changed() throws {
        for index in 9..<Self.length {
            var plaintext = try wire.changing(index, by: 0x02)
            let reading = try? EarlyPayload.read(from: &plaintext)
            var unchanged = wire
            #expect(try reading != EarlyPayload.read(from: &unchanged))
        }
    }
}
