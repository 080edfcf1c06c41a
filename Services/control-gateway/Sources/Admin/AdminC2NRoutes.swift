import Bus
import ControlModel
import Foundation
import Hummingbird
import NIOCore
import ServiceKit
import TailcfgWire

/// Requests to clients, which they answer as HTTP servers would; headscale has none.
///
/// Each is in the audit log before the client hears of it, whether or not it does.
struct AdminC2NRoutes: Sendable {
    let registry: AdminRegistry
    let clients: ClientQuestions

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("node/{id}/c2n") { request, context in try await ask(request, context) }
    }

    private func ask(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let id = try context.adminIdentifier("id", of: NodeID.self)
        let body = try await AdminRequestBody.decode(AskBody.self, from: request)
        let question = try Self.question(body)
        let patience = try AdminPatience.duration(body.timeout)
        let record = RecordClientQuestion(node: id, method: question.method, path: question.path)
        let node = try await registry.ask(record)
        let answer: C2NResponse
        do {
            let bytes = try await clients.ask(.request(question), of: node, within: patience)
            answer = try C2NResponse.parse(bytes, isToHead: question.method == "HEAD")
        } catch let silence as ClientSilence {
            throw AdminProblem(silence, of: node, within: patience)
        } catch {
            throw AdminProblem(.badGateway, "the client's answer does not read as HTTP: \(error)")
        }
        return try AdminResponse.json(AnswerBody(answer))
    }

    private static func question(_ body: AskBody) throws(AdminProblem) -> C2NRequest {
        guard let path = body.path else { throw .badField("body.path", "is missing") }
        guard body.body == nil || body.base64 == nil else {
            throw .badField("body.base64", "cannot be given together with body")
        }
        guard let content = body.base64.map({ Data(base64Encoded: $0) }) ?? Data((body.body ?? "").utf8) else {
            throw .badField("body.base64", "expected base64")
        }
        do {
            return try C2NRequest(
                method: body.method ?? (content.isEmpty ? "GET" : "POST"),
                path: path,
                contentType: body.contentType ?? "",
                body: content
            )
        } catch {
            switch error {
            case .method: throw .badField("body.method", "expected a method in capital letters, like GET")
            case .path:
                throw .badField(
                    "body.path",
                    "expected a path like /echo in visible ASCII, at most \(C2NRequest.pathLimit) bytes"
                )
            case .contentType:
                throw .badField(
                    "body.contentType",
                    "expected one line of ASCII, at most \(C2NRequest.textLimit) bytes"
                )
            case .bodyTooLong:
                throw AdminProblem(.contentTooLarge, "body.body is longer than \(C2NRequest.bodyLimit) bytes")
            }
        }
    }

    private struct AskBody: Decodable {
        /// `GET`, or `POST` with a body.
        var method: String?
        var path: String?
        var contentType: String?
        /// As text.
        var body: String?
        /// In place of ``body``, in base64.
        var base64: String?
        /// In seconds.
        var timeout: Double?
    }

    /// The client's answer: its body as text, or in base64 where it is none.
    private struct AnswerBody: Encodable {
        var status: Int
        var headers: [String: String]
        var body: String?
        var base64: String?

        init(_ answer: C2NResponse) {
            status = answer.status
            headers = Dictionary(answer.fields.map { ($0.name, $0.value) }) { "\($0), \($1)" }
            body = String(validating: answer.body, as: UTF8.self)
            base64 = body == nil ? answer.body.base64EncodedString() : nil
        }
    }
}

/// How long a caller has clients waited for.
enum AdminPatience {
    static let unset = Duration.seconds(10)
    /// In seconds: clients themselves work on a request for a minute.
    static let range = 1.0...60.0

    static func duration(_ seconds: Double?) throws(AdminProblem) -> Duration {
        guard let seconds else { return unset }
        guard range.contains(seconds) else {
            throw .badField(
                "body.timeout",
                "expected seconds from \(Int(range.lowerBound)) to \(Int(range.upperBound))"
            )
        }
        return .milliseconds(Int(seconds * 1000))
    }
}

extension AdminProblem {
    /// Why a client's answer is missing, and what to do.
    init(_ silence: ClientSilence, of node: Node, within patience: Duration) {
        let seconds = patience.components.seconds
        switch silence {
        case .offline:
            self.init(
                .conflict,
                "node \(node.givenName) is not connected; ask again when it is, see: swiftscale nodes list"
            )
        case .silent:
            self.init(.gatewayTimeout, "node \(node.givenName) did not answer within \(seconds) s")
        case .tooLong:
            self.init(
                .badGateway,
                "the answer of node \(node.givenName) is longer than \(ClientDesk.answerLimit >> 20) MiB, and is not taken"
            )
        case .busy:
            self.init(.tooManyRequests, "too many questions to clients wait for their answers; try again in a moment")
        }
    }
}
