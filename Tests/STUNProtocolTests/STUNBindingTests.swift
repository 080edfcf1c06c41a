import NIOCore
import Testing

@testable import STUNProtocol

@Suite("STUN binding")
struct STUNBindingTests {
    private static let sampleTransaction = STUNTransactionID(high: 0xB7E7_A701_BC34_D686, low: 0xFA87_DFAE)
    private static let clientTransaction = STUNTransactionID(high: 0xA0A1_A2A3_A4A5_A6A7, low: 0xA8A9_AAAB)

    private let vectors: STUNVectors

    init() throws {
        vectors = try STUNVectors.load()
    }

    @Test("the checksum of \"123456789\" is the known one")
    func checksum() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test("the sample request of RFC 5769 is accepted with all its attributes")
    func sampleRequest() throws {
        let request = try STUNBindingRequest(decoding: buffer(hex: vectors.rfc5769Request))
        #expect(request.transaction == Self.sampleTransaction)
        #expect(request.isFingerprinted)
    }

    @Test("the sample responses of RFC 5769 give their addresses")
    func sampleResponses() throws {
        let v4 = try STUNBindingResponse(decoding: buffer(hex: vectors.rfc5769ResponseV4))
        #expect(v4.transaction == Self.sampleTransaction)
        #expect(try v4.address.socketAddress == SocketAddress(ipAddress: "192.0.2.1", port: 32853))
        let v6 = try STUNBindingResponse(decoding: buffer(hex: vectors.rfc5769ResponseV6))
        #expect(v6.transaction == Self.sampleTransaction)
        #expect(
            try v6.address.socketAddress
                == SocketAddress(ipAddress: "2001:db8:1234:5678:11:2233:4455:6677", port: 32853)
        )
    }

    @Test("a request is written as Tailscale clients write it, after what the buffer holds")
    func writtenRequest() throws {
        var output = ByteBuffer(string: "before")
        STUNBindingRequest(transaction: Self.clientTransaction).encode(into: &output)
        #expect(output.readString(length: 6) == "before")
        #expect(try output == buffer(hex: vectors.clientRequest))
        #expect(try STUNBindingRequest(decoding: output) == .init(transaction: Self.clientTransaction))
    }

    @Test("a request with neither SOFTWARE nor FINGERPRINT is accepted")
    func bareRequest() throws {
        let request = try STUNBindingRequest(decoding: bare())
        #expect(request.transaction == Self.clientTransaction)
        #expect(!request.isFingerprinted)
    }

    @Test("responses are written as in the vectors and read back")
    func writtenResponses() throws {
        for vector in [vectors.serverResponseV4, vectors.serverResponseV6] {
            let source = try SocketAddress(ipAddress: vector.address, port: vector.port)
            let address = try #require(STUNMappedAddress(source))
            let response = STUNBindingResponse(transaction: Self.clientTransaction, address: address)
            var output = ByteBuffer()
            response.encode(into: &output)
            #expect(try output == buffer(hex: vector.wire))
            #expect(try STUNBindingResponse(decoding: output) == response)
            #expect(address.socketAddress == source)
        }
    }

    @Test("an IPv4 source written as IPv6 is answered as IPv4")
    func mappedSource() throws {
        let source = try SocketAddress(ipAddress: "::ffff:203.0.113.7", port: vectors.serverResponseV4.port)
        try #require(source.protocol == .inet6)
        let address = try #require(STUNMappedAddress(source))
        var output = ByteBuffer()
        STUNBindingResponse(transaction: Self.clientTransaction, address: address).encode(into: &output)
        #expect(try output == buffer(hex: vectors.serverResponseV4.wire))
    }

    @Test(
        "other IPv6 addresses that begin with zeros stay IPv6",
        arguments: ["::", "::1", "::203.0.113.7", "::fffe:0:1"]
    )
    func almostMapped(text: String) throws {
        let source = try SocketAddress(ipAddress: text, port: 1)
        #expect(STUNMappedAddress(source)?.socketAddress == source)
    }

    @Test("a path is no address")
    func pathSource() throws {
        #expect(try STUNMappedAddress(SocketAddress(unixDomainSocketPath: "/none")) == nil)
    }

    @Test("a response may carry the address under its older numbers", arguments: [0x8020, 0x0001] as [UInt16])
    func olderAttributes(type: UInt16) throws {
        var wire = try buffer(hex: vectors.serverResponseV4.wire)
        wire.setInteger(type, at: 20)
        if type == 0x0001 {
            wire.setInteger(UInt16(41641), at: 26)
            wire.setInteger(0xCB00_7107 as UInt32, at: 28)
        }
        let response = try STUNBindingResponse(decoding: wire)
        #expect(try response.address.socketAddress == SocketAddress(ipAddress: "203.0.113.7", port: 41641))
    }

    private func bare() -> ByteBuffer {
        var request = ByteBuffer()
        STUNMessage.writeHeader(type: 1, attributeLength: 0, transaction: Self.clientTransaction, into: &request)
        return request
    }
}
