import Foundation
import NIOCore
import Testing

/// `Vectors/stun-vectors.json`.
struct STUNVectors: Decodable {
    struct Response: Decodable {
        var address: String
        var port: Int
        var wire: String
    }

    var rfc5769Request: String
    var rfc5769ResponseV4: String
    var rfc5769ResponseV6: String
    var clientTransaction: String
    var clientRequest: String
    var serverResponseV4: Response
    var serverResponseV6: Response

    static func load() throws -> STUNVectors {
        let url = try #require(
            Bundle.module.url(forResource: "stun-vectors", withExtension: "json", subdirectory: "Vectors")
        )
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(STUNVectors.self, from: Data(contentsOf: url))
    }
}

func buffer(hex: String) throws -> ByteBuffer {
    let digits = Array(hex)
    try #require(digits.count.isMultiple(of: 2))
    var buffer = ByteBuffer()
    for index in stride(from: 0, to: digits.count, by: 2) {
        buffer.writeInteger(try #require(UInt8(String(digits[index...index + 1]), radix: 16)))
    }
    return buffer
}

extension ByteBuffer {
    /// The same bytes with one of them changed.
    func changing(_ index: Int, by mask: UInt8) throws -> ByteBuffer {
        var changed = ByteBuffer(buffer: self)
        let byte = try #require(changed.getInteger(at: changed.readerIndex + index, as: UInt8.self))
        changed.setInteger(byte ^ mask, at: changed.readerIndex + index)
        return changed
    }
}
