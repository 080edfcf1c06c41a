import Foundation
import SecretBox
public import Storage

/// Gives the deployment a new master key: all secrets of the store are sealed with it in one transaction.
///
/// Registries may run meanwhile: they hold their secrets opened. At every moment of it the files of the key open what is in the
/// store, so that it can be interrupted and begun again.
public struct MasterKeyRotation: Sendable {
    /// What was done.
    public struct Outcome: Sendable, Hashable {
        /// Ids of the keys.
        public var oldKey: String
        public var newKey: String
        /// Names of the secrets that were sealed anew.
        public var secrets: [String]
        /// Where the new key is.
        public var path: String
        /// Where the old key is kept; `nil` where it came from the environment.
        public var previousPath: String?
    }

    /// How often it begins again because a registry wrote in the same moment.
    private static let attempts = 5

    private let store: any ServerKeyStore
    private let source: MasterKeySource
    private let output: String?
    private let randomBytes: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - output: where the new key is written instead of the source's file; there must be no file.
    ///   - randomBytes: as many as asked for, fit for keys.
    public init(
        store: any ServerKeyStore,
        source: MasterKeySource,
        output: String? = nil,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = RegistryService.Dependencies.systemRandomBytes
    ) {
        self.store = store
        self.source = source
        self.output = output
        self.randomBytes = randomBytes
    }

    public func run() async throws -> Outcome {
        guard let keys = try source.load() else {
            throw RegistryServiceError.masterKeyMissing(source: source, needed: [])
        }
        if let output { return try await aside(keys, output) }
        guard case .file(let path) = source else { throw RegistryServiceError.rotationNeedsOutput }
        return try await inPlace(keys, MasterKeyFiles(path: path))
    }

    private func aside(_ keys: MasterKeys, _ output: String) async throws -> Outcome {
        let new = try makeKey()
        // Written first: from the commit on, nothing else opens the store.
        guard try writing(output, { try SecretFile(path: output).create(new.secretText) }) else {
            throw RegistryServiceError.masterKeyUnwritable(path: output, cause: CocoaError(.fileWriteFileExists))
        }
        do {
            let secrets = try await sealAll(with: new, keys)
            return Outcome(
                oldKey: "\(keys.current.id)",
                newKey: "\(new.id)",
                secrets: secrets,
                path: output,
                previousPath: nil
            )
        } catch {
            // Kept where it is not known that nothing needs it.
            if let isUsed = try? await isUsed(new), !isUsed { SecretFile(path: output).remove() }
            throw error
        }
    }

    private func inPlace(_ keys: MasterKeys, _ files: MasterKeyFiles) async throws -> Outcome {
        let new = try await interruptedKey(files) ?? makeKey()
        try writing(files.next.path) { try files.next.replace(new.secretText) }
        let secrets = try await sealAll(with: new, keys)
        let old = try MasterKeySource.read(files.main)
        if let old, old.id != new.id {
            try writing(files.previous.path) { try files.previous.replace(old.secretText) }
        }
        try writing(files.main.path) { try files.next.move(to: files.main) }
        return Outcome(
            oldKey: "\((old ?? keys.current).id)",
            newKey: "\(new.id)",
            secrets: secrets,
            path: files.main.path,
            previousPath: files.previous.path
        )
    }

    /// The key of a rotation that was interrupted after it had sealed the store: it is the only one that opens it.
    private func interruptedKey(_ files: MasterKeyFiles) async throws -> MasterKey? {
        guard let key = try MasterKeySource.read(files.next) else { return nil }
        return try await isUsed(key) ? key : nil
    }

    /// Whether something in the store is sealed with this key.
    private func isUsed(_ key: MasterKey) async throws -> Bool {
        try await store.serverKeys().values.contains { SealedSecret(stored: $0)?.key == key.id }
    }

    private func makeKey() throws(RegistryServiceError) -> MasterKey {
        guard let key = MasterKey(randomBytes(MasterKey.length)) else {
            throw .masterKeyMalformed(source: "the system's random source")
        }
        return key
    }

    private func sealAll(with new: MasterKey, _ keys: MasterKeys) async throws -> [String] {
        for _ in 1..<Self.attempts {
            do {
                return try await sealOnce(with: new, keys)
            } catch StorageError.conflict {
                // A registry stored a secret meanwhile.
            }
        }
        return try await sealOnce(with: new, keys)
    }

    private func sealOnce(with new: MasterKey, _ keys: MasterKeys) async throws -> [String] {
        let stored = try await store.serverKeys().sorted { $0.key < $1.key }
        let replacements = try stored.map { name, bytes in
            let secret = try open(bytes, name: name, keys)
            let nonce = randomBytes(SealedSecret.nonceLength)
            guard let sealed = SealedSecret(secret, name: name, with: new, nonce: nonce) else {
                throw RegistryServiceError.secretDamaged(name: name)
            }
            return ServerKeyReplacement(name: name, expected: bytes, replacement: Data(sealed.stored))
        }
        try await store.replaceServerKeys(replacements)
        return replacements.map(\.name)
    }

    /// The text of a secret, sealed or left unsealed by an earlier release.
    private func open(_ stored: Data, name: String, _ keys: MasterKeys) throws(RegistryServiceError) -> [UInt8] {
        guard let sealed = SealedSecret(stored: stored) else { return Array(stored) }
        guard let key = keys.key(sealed.key) else {
            throw .masterKeyWrong(source: source, found: keys.ids.map(\.description), needed: "\(sealed.key)")
        }
        guard let secret = sealed.open(name: name, with: key) else { throw .secretDamaged(name: name) }
        return secret
    }

    private func writing<Value>(_ path: String, _ body: () throws -> Value) throws(RegistryServiceError) -> Value {
        do {
            return try body()
        } catch {
            throw .masterKeyUnwritable(path: path, cause: error)
        }
    }
}
