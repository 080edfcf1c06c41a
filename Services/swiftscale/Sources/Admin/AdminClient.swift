import Foundation

/// The admin API as the commands use it.
struct AdminClient: Sendable {
    let transport: any AdminTransport

    func get(_ path: [String], query: [String: String] = [:]) async throws(CommandFailure) -> JSONValue {
        try await send(AdminRequest(method: .get, path: path, query: query))
    }

    func post(
        _ path: [String],
        _ body: JSONValue? = nil,
        query: [String: String] = [:],
        patience: Duration = .zero
    ) async throws(CommandFailure) -> JSONValue {
        try await send(AdminRequest(method: .post, path: path, query: query, body: body, patience: patience))
    }

    func put(_ path: [String], _ body: JSONValue) async throws(CommandFailure) -> JSONValue {
        try await send(AdminRequest(method: .put, path: path, body: body))
    }

    func delete(_ path: [String], query: [String: String] = [:]) async throws(CommandFailure) -> JSONValue {
        try await send(AdminRequest(method: .delete, path: path, query: query))
    }

    private func send(_ request: AdminRequest) async throws(CommandFailure) -> JSONValue {
        let reply = try await transport.send(request)
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(reply.body))
        guard reply.status != 413 else {
            throw CommandFailure(
                value?["detail"]?.text ?? "this is longer than the server takes"
            )
        }
        guard (200..<300).contains(reply.status) else {
            throw CommandFailure(value?["detail"]?.text ?? "the server answered with status \(reply.status)")
        }
        guard let value else {
            throw CommandFailure("the answer is not JSON: is this a swiftscale server, and of the same version?")
        }
        return value
    }

    /// The member `name` of an answer.
    func member(_ name: String, of reply: JSONValue) throws(CommandFailure) -> JSONValue {
        guard let value = reply[name] else {
            throw CommandFailure("the answer has no \"\(name)\": is the server of the same version?")
        }
        return value
    }
}
