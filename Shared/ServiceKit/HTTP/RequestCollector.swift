import NIOCore
import NIOHTTP1

/// Collects one request, its body up to a limit.
struct RequestCollector {
    enum Outcome: Equatable {
        case more
        case complete
        case tooLong
    }

    let head: HTTPRequestHead
    private(set) var body = ByteBuffer()
    private let bodyLimit: Int
    /// Held as long as the body is.
    let place: LongBodyPlace?

    /// Returns `nil` when the head announces a body longer than the limit.
    init?(head: HTTPRequestHead, bodyLimit: Int, place: LongBodyPlace? = nil) {
        for value in head.headers[canonicalForm: "content-length"] {
            guard let length = Int(value), length <= bodyLimit else { return nil }
        }
        self.head = head
        self.bodyLimit = bodyLimit
        self.place = place
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool {
        head.version.minor >= 1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }

    mutating func received(_ part: HTTPServerRequestPart) -> Outcome {
        switch part {
        case .head: return .more
        case .body(let bytes):
            guard bytes.readableBytes <= bodyLimit - body.readableBytes else { return .tooLong }
            body.writeImmutableBuffer(bytes)
            return .more
        case .end: return .complete
        }
    }
}
