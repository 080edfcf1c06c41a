import Foundation
import NIOCore

/// Decodes a server's answer: exact keys, unknown ones ignored, times as ``WireTime`` reads them.
func decodeAnswer<T: Decodable>(_ type: T.Type, _ bytes: ByteBuffer) throws(TailcfgDecodingError) -> T {
    guard bytes.readableBytes <= WireLimit.responseLength else {
        throw .tooLarge(length: bytes.readableBytes, limit: WireLimit.responseLength)
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
        let container = try decoder.singleValueContainer()
        guard let time = WireTime.parse(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected an RFC 3339 time")
        }
        return time
    }
    do {
        return try decoder.decode(type, from: Data(bytes.readableBytesView))
    } catch DecodingError.typeMismatch(let type, let context) {
        throw .invalid(key: text(context.codingPath), expected: "\(type)")
    } catch DecodingError.valueNotFound(let type, let context) {
        throw .invalid(key: text(context.codingPath), expected: "\(type)")
    } catch DecodingError.keyNotFound(let key, let context) {
        throw .invalid(key: text(context.codingPath + [key]), expected: "a value")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
        throw .invalid(key: text(context.codingPath), expected: context.debugDescription)
    } catch {
        throw .malformed
    }
}

private func text(_ path: [any CodingKey]) -> String {
    path.map(\.stringValue).joined(separator: ".")
}
