import Bus
import Foundation
import SecretBox
import Storage

/// The keys of ID tokens, which all registries share through the store, where they are sealed as the other secrets are.
actor TokenKeys {
    private static let name = "id-token-keys"
    private static let attempts = 8
    private static let idLength = 8
    private static let unavailable = RequestFailure(
        .unavailable,
        "the keys of tokens cannot be opened: restart the registry after a change of the master key"
    )

    private let source: MasterKeySource
    private let dependencies: RegistryService.Dependencies
    /// What was opened last, with its form in the store.
    private var known: Known?

    private struct Known {
        var stored: Data
        var ring: SigningKeyRing
    }

    init(source: MasterKeySource, dependencies: RegistryService.Dependencies) {
        self.source = source
        self.dependencies = dependencies
    }

    /// The ring as it must be now; makes what is missing, for all registries.
    func ring() async throws -> SigningKeyRing {
        for _ in 0..<Self.attempts {
            let secrets = try await dependencies.store.serverKeys()
            let stored = secrets[Self.name]
            var ring = SigningKeyRing()
            if let stored { ring = try open(stored) }
            let now = dependencies.now()
            var key: SigningKeyRing.Key?
            if ring.needsKey(at: now) { key = try TokenSigner.makeKey(id: newID(), now: now) }
            let renewed = ring.renewed(at: now, adding: key)
            if renewed == ring { return ring }
            let sealed = try seal(renewed, beside: secrets)
            do {
                if let stored {
                    let replacement = ServerKeyReplacement(name: Self.name, expected: stored, replacement: sealed)
                    try await dependencies.store.replaceServerKeys([replacement])
                } else {
                    _ = try await dependencies.store.serverKey(Self.name, orStore: sealed)
                }
            } catch StorageError.conflict {
                // Another registry was first: its keys are read in the next round.
            }
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    private func open(_ stored: Data) throws -> SigningKeyRing {
        if let known, known.stored == stored { return known.ring }
        guard let sealed = SealedSecret(stored: stored), let key = try source.load()?.key(sealed.key) else {
            throw Self.unavailable
        }
        guard let secret = sealed.open(name: Self.name, with: key) else {
            throw RegistryServiceError.secretDamaged(name: Self.name)
        }
        let ring = try JSONDecoder().decode(SigningKeyRing.self, from: Data(secret))
        known = Known(stored: stored, ring: ring)
        return ring
    }

    /// Seals with the key that the other secrets are sealed with: the one that registries have after their next start.
    private func seal(_ ring: SigningKeyRing, beside secrets: [String: Data]) throws -> Data {
        guard let key = try source.load()?.current, let other = secrets[ServerSecrets.Name.noise.rawValue],
            SealedSecret(stored: other)?.key == key.id
        else { throw Self.unavailable }
        let nonce = dependencies.randomBytes(SealedSecret.nonceLength)
        let secret = Array(try JSONEncoder().encode(ring))
        guard let sealed = SealedSecret(secret, name: Self.name, with: key, nonce: nonce) else {
            throw RegistryServiceError.secretDamaged(name: Self.name)
        }
        return Data(sealed.stored)
    }

    private func newID() -> String {
        dependencies.randomBytes(Self.idLength).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
