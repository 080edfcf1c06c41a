import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers as JSON.
enum AdminResponse {
    static func json(_ body: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = ByteBuffer(bytes: try encoder.encode(body))
        return Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: bytes)
        )
    }

    /// `{}`: done, nothing to say.
    static func done() throws -> Response {
        try json([String: String]())
    }
}

/// A member that is written as `null` when it holds nothing, as protojson writes unset messages.
@propertyWrapper
struct NullWhenUnset<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
