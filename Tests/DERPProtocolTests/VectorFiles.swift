import Foundation
import NIOCore
import Testing

/// The files under Vectors.
enum VectorFiles {
    struct Box: Decodable, Sendable, CustomTestStringConvertible {
        let name, senderPrivate, senderPublic, receiverPrivate, receiverPublic, nonce, text, box: String
        var testDescription: String { name }
    }

    struct Missing: Error { let name: String }

    static func boxes() throws -> [Box] {
        try JSONDecoder().decode([Box].self, from: data("boxes.json"))
    }

    /// The bytes of one line of `frames.txt`.
    static func frame(_ name: String) throws -> ByteBuffer {
        let lines = String(decoding: try data("frames.txt"), as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(name + " | ") }) else { throw Missing(name: name) }
        return ByteBuffer(bytes: bytes(hex: line.dropFirst(name.count + 3)))
    }

    static func bytes(hex: some StringProtocol) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func data(_ name: String) throws -> Data {
        guard let url = Bundle.module.url(forResource: "Vectors/\(name)", withExtension: nil) else {
            throw Missing(name: name)
        }
        return try Data(contentsOf: url)
    }
}
