import Foundation
import Keys
import TestKit
import Testing

@testable import DERPService

@Suite("DERP key file")
struct DERPKeyFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("the first start makes the key, for the owner alone; later ones read it")
    func firstStart() throws {
        let path = directory.path("derp.key")
        let made = try DERPKeyFile(path: path).load()
        #expect(try DERPKeyFile(path: path).load().publicKey == made.publicKey)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == made.secretText + "\n")
    }

    @Test(
        "a file that holds no key stops the start and is left alone",
        arguments: [
            Data(), Data("privkey:".utf8), Data("privkey:00\n".utf8), Data([0xFF, 0xFE, 0x00]),
            Data(("privkey:" + String(repeating: "0", count: 64)).utf8),
            Data(("nodekey:" + String(repeating: "1", count: 64)).utf8),
        ]
    )
    func invalid(content: Data) throws {
        let path = directory.path("derp.key")
        try content.write(to: URL(filePath: path))
        let error = #expect(throws: DERPServiceError.self) { try DERPKeyFile(path: path).load() }
        guard case .keyFileInvalid(path) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == content)
    }

    @Test("a directory in place of the file, or none to put it in, stops the start with the path")
    func unreadable() throws {
        let directoryPath = directory.url.path
        #expect(throws: DERPServiceError.self) { try DERPKeyFile(path: directoryPath).load() }
        let path = directory.path("missing/derp.key")
        let error = #expect(throws: DERPServiceError.self) { try DERPKeyFile(path: path).load() }
        guard case .keyFileUnwritable(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
