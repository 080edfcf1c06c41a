import Foundation
import Keys
import Logging
import SecretBox
import ServiceKit
import Storage

/// The deployment's own secrets: all registries share them through the store, where they are sealed with the master key.
struct ServerSecrets {
    /// The secret under which auth and API keys are hashed.
    let keyHash: Data
    let noiseKey: MachinePrivateKey

    /// Names in ``Storage/ServerKeyStore``.
    enum Name: String {
        case keyHash = "key-hash"
        case noise = "noise"
    }

    /// Reads the secrets, making those that are missing, and seals what an earlier release left unsealed.
    static func load(
        _ configuration: RegistryService.Configuration,
        _ dependencies: RegistryService.Dependencies
    ) async throws -> ServerSecrets {
        let stored = try await dependencies.store.serverKeys()
        let keys = try masterKeys(configuration.masterKey, stored: stored, dependencies)
        let vault = SecretVault(keys: keys, source: configuration.masterKey, dependencies: dependencies)
        let keyHash = try await vault.secret(Name.keyHash.rawValue) {
            Data(dependencies.randomBytes(KeyIssuer.secretLength))
        }
        let file = configuration.noiseKeyFile.map { NoiseKeyFile(path: $0) }
        let imported = try file?.load()
        let text = try await vault.secret(Name.noise.rawValue) {
            if let file, imported != nil {
                dependencies.logger.notice(
                    "the Noise key was taken over from its file into the database",
                    metadata: [LogKey.path: "\(file.path)"]
                )
            }
            return Data((imported ?? .generate()).secretText.utf8)
        }
        guard let noiseKey = MachinePrivateKey(String(decoding: text, as: UTF8.self)) else {
            throw RegistryServiceError.secretDamaged(name: Name.noise.rawValue)
        }
        if let file, let imported, imported.bytes != noiseKey.bytes {
            dependencies.logger.warning(
                "the Noise key file holds another key than the database, which counts; remove the file",
                metadata: [LogKey.path: "\(file.path)"]
            )
        }
        return ServerSecrets(keyHash: keyHash, noiseKey: noiseKey)
    }

    /// The configured keys; the first start makes one, which is said, for without it the database cannot be used.
    private static func masterKeys(
        _ source: MasterKeySource,
        stored: [String: Data],
        _ dependencies: RegistryService.Dependencies
    ) throws(RegistryServiceError) -> MasterKeys {
        if let keys = try source.load() { return keys }
        let needed = Set(stored.values.compactMap { SealedSecret(stored: $0)?.key })
        guard needed.isEmpty else {
            throw .masterKeyMissing(source: source, needed: needed.map(\.description).sorted())
        }
        guard case .file(let path) = source, let key = MasterKey(dependencies.randomBytes(MasterKey.length)) else {
            throw .masterKeyMalformed(source: source.description)
        }
        do {
            if try SecretFile(path: path).create(key.secretText) {
                dependencies.logger.notice(
                    "a master key was made; back it up: without it this server's database cannot be used",
                    metadata: [LogKey.path: "\(path)", LogKey.key: "\(key.id)"]
                )
            }
        } catch {
            throw .masterKeyUnwritable(path: path, cause: error)
        }
        // Another process may have been first: what is in the file counts.
        guard let keys = try source.load() else { throw .masterKeyMalformed(source: path) }
        return keys
    }
}

/// Secrets of the store as their text.
private struct SecretVault {
    let keys: MasterKeys
    let source: MasterKeySource
    let dependencies: RegistryService.Dependencies

    /// The secret of this name; what `make` gives where there is none yet.
    ///
    /// Several registries that start at once get the same one.
    func secret(_ name: String, orMake make: () -> Data) async throws -> Data {
        var stored = try await dependencies.store.serverKeys()[name]
        if stored == nil {
            stored = try await dependencies.store.serverKey(name, orStore: try seal(make(), name))
        }
        guard let stored else { throw RegistryServiceError.secretDamaged(name: name) }
        guard let sealed = SealedSecret(stored: stored) else {
            try await sealInPlace(stored, name)
            return stored
        }
        return try open(sealed, name)
    }

    private func open(_ sealed: SealedSecret, _ name: String) throws(RegistryServiceError) -> Data {
        guard let key = keys.key(sealed.key) else {
            throw .masterKeyWrong(source: source, found: keys.ids.map(\.description), needed: "\(sealed.key)")
        }
        guard let secret = sealed.open(name: name, with: key) else { throw .secretDamaged(name: name) }
        if key.id != keys.current.id {
            dependencies.logger.notice(
                "a secret is not sealed with the current master key; see: swiftscale keys rotate-master",
                metadata: [LogKey.subject: "\(name)", LogKey.key: "\(key.id)"]
            )
        }
        return Data(secret)
    }

    /// Seals what an earlier release stored unsealed.
    private func sealInPlace(_ secret: Data, _ name: String) async throws {
        let replacement = ServerKeyReplacement(name: name, expected: secret, replacement: try seal(secret, name))
        do {
            try await dependencies.store.replaceServerKeys([replacement])
            dependencies.logger.notice("a secret was sealed with the master key", metadata: [LogKey.subject: "\(name)"])
        } catch StorageError.conflict {
            // Another registry did it in the same moment.
        }
    }

    private func seal(_ secret: Data, _ name: String) throws(RegistryServiceError) -> Data {
        let nonce = dependencies.randomBytes(SealedSecret.nonceLength)
        guard let sealed = SealedSecret(Array(secret), name: name, with: keys.current, nonce: nonce) else {
            throw .secretDamaged(name: name)
        }
        return Data(sealed.stored)
    }
}
