import Bus
import ControlModel
import Foundation
import Hummingbird
import ServiceKit

/// API keys: create, list, expire, delete.
struct AdminAPIKeyRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.post("apikey") { request, _ in try await create(request) }
        group.get("apikey") { _, _ in try await list() }
        group.post("apikey/expire") { request, _ in try await expire(request) }
        group.delete("apikey/{prefix}") { request, context in try await delete(request, context) }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(CreateBody.self, from: request)
        let expiry = try AdminTime.date(body.expiration, at: "body.expiration")
        let made = try await registry.ask(CreateAPIKey(expiry: expiry))
        return try AdminResponse.json(["apiKey": made.secret])
    }

    private func list() async throws -> Response {
        let keys = try await registry.ask(ListAPIKeys()).sorted { $0.id < $1.id }
        return try AdminResponse.json(["apiKeys": keys.map(AdminAPIKeyBody.init)])
    }

    private func expire(_ request: Request) async throws -> Response {
        let body = try await AdminRequestBody.decode(ExpireBody.self, from: request)
        let name = try Name(
            prefix: body.prefix,
            id: body.id.flatMap { $0.isUnset ? nil : $0.text },
            location: "body"
        )
        _ = try await registry.ask(ExpireAPIKey(id: name.id, prefix: name.prefix))
        return try AdminResponse.done()
    }

    /// `-` in place of the prefix means: named by the query's id.
    private func delete(_ request: Request, _ context: SurfaceContext) async throws -> Response {
        let prefix = try context.adminText("prefix")
        let name = try Name(prefix: prefix == "-" ? nil : prefix, id: request.adminQuery("id"), location: "query")
        _ = try await registry.ask(DeleteAPIKey(id: name.id, prefix: name.prefix))
        return try AdminResponse.done()
    }

    /// Names a key by id or by prefix, never by both.
    private struct Name {
        var id: APIKeyID?
        var prefix: String?

        init(prefix: String?, id: String?, location: String) throws(AdminProblem) {
            switch (prefix.flatMap(Self.bare), id) {
            case (let prefix?, nil):
                self.prefix = prefix
            case (nil, let id?):
                self.id = try APIKeyID(admin: id, at: "\(location).id")
            case (nil, nil):
                throw .badField("\(location).prefix", "name the key by its prefix or its id")
            case (.some, .some):
                throw .badField("\(location).id", "name the key by its prefix or its id, not by both")
            }
        }

        /// The prefix alone, also where the caller sent its printed form `hskey-api-<prefix>-***`.
        private static func bare(_ text: String) -> String? {
            let printed = "hskey-api-"
            guard text.hasPrefix(printed) else { return text.isEmpty ? nil : text }
            return text.dropFirst(printed.count).split(separator: "-").first.map(String.init)
        }
    }

    private struct CreateBody: Decodable {
        var expiration: String?
    }

    private struct ExpireBody: Decodable {
        var prefix: String?
        var id: AdminIdentifierText?
    }
}

/// An API key as the admin API writes it.
struct AdminAPIKeyBody: Encodable, Sendable {
    var id: String
    var prefix: String
    var expiration: String
    var createdAt: String
    @NullWhenUnset var lastSeen: String?

    init(_ key: APIKey) {
        id = key.id.description
        prefix = key.prefix
        expiration = AdminTime.text(key.expiry)
        createdAt = AdminTime.text(key.createdAt)
        lastSeen = key.lastSeen.map(AdminTime.text)
    }
}
