import Foundation
import Hummingbird
import NIOCore
import ServiceKit

/// Reads what callers send.
enum AdminRequestBody {
    /// The body as JSON; an empty body reads as `{}`.
    static func decode<Body: Decodable>(
        _ type: Body.Type,
        from request: Request,
        upTo limit: Int = AdminAPI.bodyLimit
    ) async throws(AdminProblem) -> Body {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw AdminProblem(.contentTooLarge, "the body is longer than \(limit) bytes")
        } catch {
            throw AdminProblem(.badRequest, "the body could not be read")
        }
        do {
            let text = bytes.readableBytes == 0 ? Data("{}".utf8) : Data(bytes.readableBytesView)
            return try JSONDecoder().decode(type, from: text)
        } catch let error as DecodingError {
            throw problem(error)
        } catch {
            throw AdminProblem(.badRequest, "the body is not valid JSON")
        }
    }

    private static func problem(_ error: DecodingError) -> AdminProblem {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return .badField(location(context.codingPath), "has the wrong type")
        case .keyNotFound(let key, let context):
            return .badField(location(context.codingPath + [key]), "is missing")
        case .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else {
                return AdminProblem(.badRequest, "the body is not valid JSON")
            }
            return .badField(location(context.codingPath), context.debugDescription)
        @unknown default:
            return AdminProblem(.badRequest, "the body is not valid JSON")
        }
    }

    private static func location(_ path: [any CodingKey]) -> String {
        let fields = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
        return "body" + fields.joined()
    }
}

/// A 64-bit id, written as a string or a number.
struct AdminIdentifierText: Decodable, Hashable, Sendable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else {
            text = String(try container.decode(Int64.self))
        }
    }

    /// Whether it stands for "none": empty or 0, as protojson writes an unset id.
    var isUnset: Bool { text.isEmpty || text == "0" }
}

extension SurfaceContext {
    /// The path parameter `name` as text, percent-decoded.
    func adminText(_ name: String) throws(AdminProblem) -> String {
        guard let raw = parameters.get(name), let text = raw.removingPercentEncoding, !text.isEmpty else {
            throw .badField("path.\(name)", "is missing")
        }
        return text
    }
}
