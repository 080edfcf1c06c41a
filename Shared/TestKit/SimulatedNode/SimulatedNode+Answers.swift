import Foundation
public import NIOCore
public import TailcfgWire

extension SimulatedNode {
    /// Answers all questions of the server over Noise, as the Go client does; until cancelled.
    ///
    /// - Parameter answer: what is sent to a request or to a ping of a peer; `nil`: nothing.
    public func answerQuestions(_ answer: @Sendable (ClientPingRequest) async -> ByteBuffer?) async {
        var answered: Set<String> = []
        while !Task.isCancelled {
            for question in session?.snapshot.pings ?? [] where answered.insert(question.url).inserted {
                if question.types.isEmpty {
                    _ = try? await request(ControlRequest("HEAD", question.path))
                } else if let body = await answer(question) {
                    _ = try? await request(ControlRequest("POST", question.path, body: body))
                }
            }
            // As often as a network would let it.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The next question of the server that is not among those known.
    public func question(besides known: [ClientPingRequest] = []) async throws -> ClientPingRequest {
        try await eventually("a question of the server") {
            session?.snapshot.pings.last.map { !known.contains($0) } == true
        }
        guard let question = session?.snapshot.pings.last else {
            throw SimulatedClientError.closed(during: "question of the server")
        }
        return question
    }
}

extension ClientPingRequest {
    /// Where the answer goes: path and query of the URL, whose host means nothing.
    public var path: String {
        url.split(separator: "/", maxSplits: 2).last.map { "/" + $0 } ?? "/"
    }

    /// The request in it, as text.
    public var requestText: String {
        payload.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
