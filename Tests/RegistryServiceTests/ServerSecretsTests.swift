import BusInProcess
import Foundation
import Keys
import Logging
import SecretBox
import Storage
import StorageSQLite
import TestKit
import Testing

@testable import RegistryService

@Suite("Secrets at rest", .timeLimit(.minutes(1)))
struct ServerSecretsTests {
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(path: directory.path("registry.sqlite"))
        path = directory.path("master.key")
    }

    private func load(_ source: MasterKeySource? = nil, noiseKeyFile: String? = nil) async throws -> ServerSecrets {
        try await ServerSecrets.load(
            .init(masterKey: source ?? .file(path), noiseKeyFile: noiseKeyFile),
            .init(
                store: store,
                bus: InProcessBus(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { .fixture }
            )
        )
    }

    private func rotate(
        _ source: MasterKeySource? = nil,
        output: String? = nil
    ) async throws -> MasterKeyRotation.Outcome {
        try await MasterKeyRotation(store: store, source: source ?? .file(path), output: output).run()
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private func expectStart(
        _ source: MasterKeySource? = nil,
        failsWith words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let text: String
        do {
            _ = try await load(source)
            text = "started"
        } catch {
            text = "\(error)"
        }
        for word in words { #expect(text.contains(word), "\(text)", sourceLocation: sourceLocation) }
    }

    @Test("the first start makes a master key for its owner alone, and seals with it; the next one finds all again")
    func firstStart() async throws {
        let first = try await load()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let key = try #require(MasterKey(try text(path).dropLast()))
        let stored = try await store.serverKeys()
        #expect(Set(stored.keys) == ["key-hash", "noise"])
        for (name, bytes) in stored {
            #expect(SealedSecret(stored: bytes)?.key == key.id, "\(name)")
            #expect(bytes.range(of: first.keyHash) == nil)
            #expect(bytes.range(of: Data(first.noiseKey.secretText.utf8)) == nil)
        }
        let second = try await load()
        #expect(second.keyHash == first.keyHash)
        #expect(second.noiseKey.bytes == first.noiseKey.bytes)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.url.path).count { $0.contains("key") } == 1
        )
    }

    @Test("registries that start at once share one key and one set of secrets")
    func manyAtOnce() async throws {
        let keys = try await withThrowingTaskGroup { group in
            for _ in 1...8 {
                group.addTask {
                    let secrets = try await load()
                    return secrets.noiseKey.secretText + secrets.keyHash.base64EncodedString()
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }

    @Test("a Noise key file of an earlier release is taken over, once, and stays")
    func noiseImport() async throws {
        let file = directory.path("noise_private.key")
        let key = MachinePrivateKey.generate()
        try Data((key.secretText + "\n").utf8).write(to: URL(filePath: file))
        #expect(try await load(noiseKeyFile: file).noiseKey.bytes == key.bytes)
        #expect(try text(file) == key.secretText + "\n")
        try Data(MachinePrivateKey.generate().secretText.utf8).write(to: URL(filePath: file))
        #expect(try await load(noiseKeyFile: file).noiseKey.bytes == key.bytes)
        #expect(try await load().noiseKey.bytes == key.bytes)
    }

    @Test("a secret that an earlier release stored unsealed is sealed, and stays the same")
    func sealsInPlace() async throws {
        let secret = Data(repeating: 9, count: 32)
        _ = try await store.serverKey("key-hash", orStore: secret)
        #expect(try await load().keyHash == secret)
        let stored = try #require(try await store.serverKeys()["key-hash"])
        #expect(SealedSecret(stored: stored) != nil)
        #expect(try await load().keyHash == secret)
    }

    @Test("without the master key, or with another one, the start is refused with what to do")
    func wrongKey() async throws {
        let first = try await load()
        let stored = try await store.serverKeys()
        let right = try text(path)
        try FileManager.default.removeItem(atPath: path)
        await expectStart(failsWith: [path, "there is no master key", "sealed with", "backup"])
        #expect(!FileManager.default.fileExists(atPath: path))

        let other = "masterkey:" + String(repeating: "0f", count: 32)
        try Data(other.utf8).write(to: URL(filePath: path))
        let ids = [right.dropLast(), other[...]].compactMap { MasterKey($0)?.id.description }
        await expectStart(failsWith: ids + [path, "sealed with"])
        await expectStart(.text(other), failsWith: ids + ["SWIFTSCALE_MASTER_KEY"])
        try Data("nonsense".utf8).write(to: URL(filePath: path))
        await expectStart(failsWith: [path, "does not hold"])
        await expectStart(.text("nonsense"), failsWith: ["SWIFTSCALE_MASTER_KEY", "does not hold"])
        await expectStart(.file(directory.url.path), failsWith: ["cannot read the master key file"])

        #expect(try await store.serverKeys() == stored)
        #expect(try await load(.text(other + "," + right)).noiseKey.bytes == first.noiseKey.bytes)
    }

    @Test("a changed secret in the database is refused")
    func damaged() async throws {
        _ = try await load()
        let stored = try await store.serverKeys()
        let (noise, hash) = (try #require(stored["noise"]), try #require(stored["key-hash"]))
        try await store.replaceServerKeys([.init(name: "key-hash", expected: hash, replacement: noise)])
        await expectStart(failsWith: ["'key-hash'", "damaged"])
    }

    @Test("a change of the master key seals all anew; the old key is kept beside, and opens nothing any more")
    func rotation() async throws {
        let first = try await load()
        let old = try text(path)
        let outcome = try await rotate()
        #expect(outcome.secrets == ["key-hash", "noise"])
        #expect(outcome.oldKey != outcome.newKey)
        #expect(try text(path + ".previous") == old)
        #expect(try text(path) != old)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(!FileManager.default.fileExists(atPath: path + ".next"))
        try FileManager.default.removeItem(atPath: path + ".previous")
        let second = try await load()
        #expect(second.keyHash == first.keyHash)
        #expect(second.noiseKey.bytes == first.noiseKey.bytes)
        await expectStart(.text(old), failsWith: [outcome.newKey, outcome.oldKey])
    }

    @Test("a change of the master key that was interrupted at any point is found, and ended by the next one")
    func interruptedRotation() async throws {
        let first = try await load()
        let old = try text(path)
        // Before the database was written: the new key is there and nothing is sealed with it.
        try Data(("masterkey:" + String(repeating: "0f", count: 32)).utf8).write(to: URL(filePath: path + ".next"))
        #expect(try await load().keyHash == first.keyHash)
        _ = try await rotate()
        #expect(try await load().keyHash == first.keyHash)
        // After it: only the new key opens.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".next")
        try Data(old.utf8).write(to: URL(filePath: path))
        let new = try text(path + ".next")
        #expect(try await load().keyHash == first.keyHash)
        let outcome = try await rotate()
        #expect(try text(path) == new)
        #expect(try text(path + ".previous") == old)
        #expect(outcome.newKey == MasterKey(new.dropLast())?.id.description)
        #expect(try await load().keyHash == first.keyHash)
    }

    @Test("a key that is in no file is changed into a file, which is not overwritten")
    func environmentRotation() async throws {
        let old = "masterkey:" + String(repeating: "0f", count: 32)
        let first = try await load(.text(old))
        await #expect(throws: RegistryServiceError.self) { try await rotate(.text(old)) }
        let output = directory.path("new.key")
        let outcome = try await rotate(.text(old), output: output)
        #expect(outcome.path == output)
        #expect(outcome.previousPath == nil)
        let new = try text(output)
        await #expect(throws: RegistryServiceError.self) { try await rotate(.text(new), output: output) }
        #expect(try text(output) == new)
        #expect(try await load(.text(new)).keyHash == first.keyHash)
        await expectStart(.text(old), failsWith: [outcome.newKey])
    }

    @Test("with a target the configured file stays as it is; a change that fails leaves no file")
    func rotationAside() async throws {
        let first = try await load()
        let old = try text(path)
        let output = directory.path("new.key")
        _ = try await rotate(output: output)
        #expect(try text(path) == old)
        #expect(try await load(.file(output)).keyHash == first.keyHash)
        let failed = directory.path("failed.key")
        await #expect(throws: RegistryServiceError.self) { try await rotate(output: failed) }
        #expect(!FileManager.default.fileExists(atPath: failed))
    }

    @Test("without the right key nothing is changed")
    func refusedRotation() async throws {
        await #expect(throws: RegistryServiceError.self) { try await rotate() }
        _ = try await load()
        let stored = try await store.serverKeys()
        try Data(("masterkey:" + String(repeating: "0f", count: 32)).utf8).write(to: URL(filePath: path))
        await #expect(throws: RegistryServiceError.self) { try await rotate() }
        #expect(try await store.serverKeys() == stored)
    }
}
