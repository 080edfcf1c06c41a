import Foundation
import Keys
import TestKit
import Testing

@testable import RegistryService

@Suite("Noise key file")
struct NoiseKeyFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("noise.key")
    }

    @Test("it is made once, for its owner alone")
    func created() throws {
        let key = try NoiseKeyFile(path: path).load()
        #expect(try NoiseKeyFile(path: path).load().bytes == key.bytes)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == key.secretText + "\n")
    }

    @Test("a key with or without newline is read", arguments: ["", "\n", "\r\n"])
    func read(ending: String) throws {
        let key = MachinePrivateKey.generate()
        try Data((key.secretText + ending).utf8).write(to: URL(filePath: path))
        #expect(try NoiseKeyFile(path: path).load().bytes == key.bytes)
    }

    @Test(
        "what is no key stops the start, and stays as it is",
        arguments: ["", "privkey:", "privkey:" + String(repeating: "0", count: 64), "mkey:abc", "\u{FF}\0"]
    )
    func malformed(text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect {
            try NoiseKeyFile(path: path).load()
        } throws: { error in
            if case RegistryServiceError.noiseKeyMalformed(path) = error { "\(error)".contains(path) } else { false }
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(text.utf8))
    }

    @Test("a directory in its place, or none around it, stops the start")
    func inaccessible() {
        #expect {
            try NoiseKeyFile(path: directory.url.path).load()
        } throws: { error in
            if case RegistryServiceError.noiseKeyUnreadable = error { true } else { false }
        }
        #expect {
            try NoiseKeyFile(path: directory.path("nowhere/noise.key")).load()
        } throws: { error in
            if case RegistryServiceError.noiseKeyUnwritable = error { true } else { false }
        }
    }
}
