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

    @Test("where there is none, none is made")
    func absent() throws {
        #expect(try NoiseKeyFile(path: path).load()?.bytes == nil)
        #expect(try NoiseKeyFile(path: directory.path("nowhere/noise.key")).load()?.bytes == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a key with or without newline is read", arguments: ["", "\n", "\r\n"])
    func read(ending: String) throws {
        let key = MachinePrivateKey.generate()
        try Data((key.secretText + ending).utf8).write(to: URL(filePath: path))
        #expect(try NoiseKeyFile(path: path).load()?.bytes == key.bytes)
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

    @Test("a directory in its place stops the start")
    func inaccessible() {
        #expect {
            try NoiseKeyFile(path: directory.url.path).load()
        } throws: { error in
            if case RegistryServiceError.noiseKeyUnreadable = error { true } else { false }
        }
    }
}
