import Bus
import ControlModel
import Foundation
import Storage

extension Registry {
    /// How long an auth key lasts when nobody says.
    private static let authKeyLifetime: TimeInterval = 3600
    /// How long an API key lasts when nobody says.
    private static let apiKeyLifetime: TimeInterval = 90 * 86400
    /// How exactly the last use of an API key is known.
    private static let lastSeenStep: TimeInterval = 60

    func serveKeys(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(CreateAuthKey.self, in: &group) { try await self.createAuthKey($0) }
        serve(ListAuthKeys.self, in: &group) { _ in try await self.store.authKeys(tailnet: self.tailnet) }
        serve(ExpireAuthKey.self, in: &group) { try await self.expireAuthKey($0.key) }
        serve(DeleteAuthKey.self, in: &group) { try await self.deleteAuthKey($0.key) }
        serve(CreateAPIKey.self, in: &group) { try await self.createAPIKey($0) }
        serve(ListAPIKeys.self, in: &group) { _ in try await self.store.apiKeys(tailnet: self.tailnet) }
        serve(ExpireAPIKey.self, in: &group) { try await self.expireAPIKey($0) }
        serve(DeleteAPIKey.self, in: &group) { try await self.deleteAPIKey($0) }
        serve(AuthenticateAPIKey.self, in: &group) { try await self.authenticate($0.secret) }
    }

    private func createAuthKey(_ request: CreateAuthKey) async throws -> CreateAuthKey.Response {
        guard request.user != nil || !request.tags.isEmpty else {
            throw RequestFailure(.invalid, "an auth key needs a user or tags")
        }
        if let fault = TagRules.fault(request.tags) { throw RequestFailure(.invalid, fault) }
        let now = dependencies.now()
        let expiry = try futureDate(request.expiry, orIn: Self.authKeyLifetime, at: now)
        return try await committing {
            if let user = request.user { _ = try await requireUser(user) }
            let issued = keys.issue(.auth, random: dependencies.randomBytes)
            var key = AuthKey(
                id: try await allocator.authKeyID(),
                tailnet: tailnet,
                prefix: issued.prefix,
                hash: issued.hash,
                user: request.user,
                tags: Set(request.tags).sorted(),
                isReusable: request.isReusable,
                isEphemeral: request.isEphemeral,
                isPreapproved: request.isPreapproved,
                expiry: expiry,
                createdAt: now
            )
            return Plan(writes: [.createAuthKey(key)]) { changes in
                key.version = changes.last?.version ?? key.version
                return .init(key: key, secret: issued.secret)
            }
        }
    }

    private func expireAuthKey(_ id: AuthKeyID) async throws -> Done {
        try await committing {
            var key = try await requireAuthKey(id)
            key.expiry = min(key.expiry, dependencies.now())
            return Plan(writes: [.replaceAuthKey(key)]) { _ in Done() }
        }
    }

    private func deleteAuthKey(_ id: AuthKeyID) async throws -> Done {
        try await committing {
            _ = try await requireAuthKey(id)
            return Plan(writes: [.deleteAuthKey(id)]) { _ in Done() }
        }
    }

    private func requireAuthKey(_ id: AuthKeyID) async throws -> AuthKey {
        guard let key = try await store.authKey(id, tailnet: tailnet) else {
            throw RequestFailure(.notFound, "auth key \(id) not found; list auth keys with: swiftscale authkeys list")
        }
        return key
    }

    private func createAPIKey(_ request: CreateAPIKey) async throws -> CreateAPIKey.Response {
        let now = dependencies.now()
        let expiry = try futureDate(request.expiry, orIn: Self.apiKeyLifetime, at: now)
        return try await committing {
            let issued = keys.issue(.api, random: dependencies.randomBytes)
            var key = APIKey(
                id: try await allocator.apiKeyID(),
                tailnet: tailnet,
                prefix: issued.prefix,
                hash: issued.hash,
                expiry: expiry,
                createdAt: now
            )
            return Plan(writes: [.createAPIKey(key)]) { changes in
                key.version = changes.last?.version ?? key.version
                return .init(key: key, secret: issued.secret)
            }
        }
    }

    private func expireAPIKey(_ request: ExpireAPIKey) async throws -> Done {
        try await committing {
            var key = try await requireAPIKey(id: request.id, prefix: request.prefix)
            key.expiry = min(key.expiry, dependencies.now())
            return Plan(writes: [.replaceAPIKey(key)]) { _ in Done() }
        }
    }

    private func deleteAPIKey(_ request: DeleteAPIKey) async throws -> Done {
        try await committing {
            let key = try await requireAPIKey(id: request.id, prefix: request.prefix)
            return Plan(writes: [.deleteAPIKey(key.id)]) { _ in Done() }
        }
    }

    private func requireAPIKey(id: APIKeyID?, prefix: String?) async throws -> APIKey {
        let key: APIKey?
        switch (id, prefix) {
        case (let id?, nil): key = try await store.apiKey(id, tailnet: tailnet)
        case (nil, let prefix?): key = try await store.apiKey(withPrefix: prefix, tailnet: tailnet)
        case (nil, nil), (.some, .some): throw RequestFailure(.invalid, "name an API key by its id or by its prefix")
        }
        guard let key else {
            throw RequestFailure(.notFound, "API key not found; list API keys with: swiftscale apikeys list")
        }
        return key
    }

    private func authenticate(_ secret: String) async throws -> APIKey {
        guard let prefix = KeyIssuer.prefix(of: secret, kind: .api),
            var key = try await store.apiKey(withPrefix: prefix, tailnet: tailnet), keys.isValid(secret, hash: key.hash)
        else { throw RequestFailure(.unauthorized, "the API key is not valid") }
        let now = dependencies.now()
        guard key.expiry > now else {
            throw RequestFailure(
                .unauthorized,
                "the API key has expired; create a new one with: swiftscale apikeys create"
            )
        }
        if key.lastSeen.map({ now.timeIntervalSince($0) >= Self.lastSeenStep }) ?? true {
            try await store.touchAPIKey(key.id, lastSeen: now, tailnet: tailnet)
            key.lastSeen = now
        }
        return key
    }

    private func futureDate(_ asked: Date?, orIn lifetime: TimeInterval, at now: Date) throws -> Date {
        let date = asked ?? now.addingTimeInterval(lifetime)
        guard date > now else { throw RequestFailure(.invalid, "the expiry is in the past") }
        return date
    }
}
