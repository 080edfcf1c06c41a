import Foundation
import Synchronization
import Testing

@testable import swiftscale

/// Answers by method and path; remembers what it was asked.
final class FakeAdminTransport: AdminTransport {
    private let answers: [String: (status: Int, body: String)]
    private let seen = Mutex<[AdminRequest]>([])

    /// - Parameter answers: `GET /api/v1/user` to a JSON text; anything else is answered with 404.
    init(_ answers: [String: String], status: Int = 200) {
        self.answers = answers.mapValues { (status, $0) }
    }

    var requests: [AdminRequest] { seen.withLock { $0 } }

    /// What it was asked last, as `METHOD target body`.
    var lastLine: String {
        guard let last = requests.last else { return "" }
        let body = last.body.flatMap { try? OutputFormat.jsonLine.text($0) }
        return [last.method.rawValue, last.target, body].compactMap { $0 }.joined(separator: " ")
    }

    func send(_ request: AdminRequest) async throws(CommandFailure) -> AdminReply {
        seen.withLock { $0.append(request) }
        let path = request.target.split(separator: "?").first.map(String.init) ?? ""
        let answer = answers["\(request.method.rawValue) \(path)"] ?? (404, #"{"detail":"there is no such row"}"#)
        return AdminReply(status: answer.status, body: Array(answer.body.utf8))
    }
}

extension Console {
    /// Nobody to ask, or somebody with one answer; a clock that stands.
    static func test(answer: String? = nil) -> Console {
        Console(
            out: { _ in },
            error: { _ in },
            ask: { _ in answer },
            now: { Date(timeIntervalSince1970: 1_800_000_000) }
        )
    }
}
