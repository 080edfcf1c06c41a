import ControlModel
import Storage

extension CommitPlan {
    mutating func create(_ key: AuthKey) throws {
        claim(key.id, \.nextAuthKeyID)
        try require(image.authKeys[key.id] == nil && image.authKeyPrefixes[key.prefix] == nil, else: .identifier)
        try requireUser(key.user)
        var key = key
        (key.tailnet, key.version) = (tailnet, nextVersion)
        image.authKeys[key.id] = .success(key)
        image.authKeyPrefixes[key.prefix] = key.id
        record(.authKey(key.id), .insertAuthKey(key), from: nil, to: AuditImage(key))
    }

    mutating func replace(_ key: AuthKey) throws {
        let old = try current(image.authKeys[key.id], version: key.version, of: \.version)
        try require([nil, key.id].contains(image.authKeyPrefixes[key.prefix]), else: .identifier)
        if key.user != old.user { try requireUser(key.user) }
        store(key, over: old)
    }

    mutating func consume(_ id: AuthKeyID) throws {
        guard let key = try image.authKeys[id]?.get() else { throw StorageError.conflict(.stale) }
        guard !key.isReusable else { return }
        try require(!key.isUsed, else: .authKeyUsed)
        var used = key
        used.isUsed = true
        store(used, over: key)
    }

    private mutating func store(_ key: AuthKey, over old: AuthKey) {
        var key = key
        key.tailnet = tailnet
        guard key != old else { return }
        key.version = nextVersion
        image.authKeys[key.id] = .success(key)
        image.authKeyPrefixes[old.prefix] = nil
        image.authKeyPrefixes[key.prefix] = key.id
        record(.authKey(key.id), .updateAuthKey(key), from: AuditImage(old), to: AuditImage(key))
    }

    mutating func delete(_ id: AuthKeyID) throws {
        guard let key = try image.authKeys[id]?.get() else { throw StorageError.conflict(.stale) }
        image.authKeys[id] = nil
        image.authKeyPrefixes[key.prefix] = nil
        record(.authKey(id), .deleteAuthKey(id), from: AuditImage(key), to: nil)
    }
}

extension CommitPlan {
    mutating func create(_ key: APIKey) throws {
        claim(key.id, \.nextAPIKeyID)
        try require(image.apiKeys[key.id] == nil && image.apiKeyPrefixes[key.prefix] == nil, else: .identifier)
        var key = key
        (key.tailnet, key.version) = (tailnet, nextVersion)
        image.apiKeys[key.id] = .success(key)
        image.apiKeyPrefixes[key.prefix] = key.id
        record(.apiKey(key.id), .insertAPIKey(key), from: nil, to: AuditImage(key))
    }

    mutating func replace(_ key: APIKey) throws {
        let old = try current(image.apiKeys[key.id], version: key.version, of: \.version)
        var key = key
        key.tailnet = tailnet
        guard key != old else { return }
        try require([nil, key.id].contains(image.apiKeyPrefixes[key.prefix]), else: .identifier)
        key.version = nextVersion
        image.apiKeys[key.id] = .success(key)
        image.apiKeyPrefixes[old.prefix] = nil
        image.apiKeyPrefixes[key.prefix] = key.id
        record(.apiKey(key.id), .updateAPIKey(key), from: AuditImage(old), to: AuditImage(key))
    }

    mutating func delete(_ id: APIKeyID) throws {
        guard let key = try image.apiKeys[id]?.get() else { throw StorageError.conflict(.stale) }
        image.apiKeys[id] = nil
        image.apiKeyPrefixes[key.prefix] = nil
        record(.apiKey(id), .deleteAPIKey(id), from: AuditImage(key), to: nil)
    }
}
