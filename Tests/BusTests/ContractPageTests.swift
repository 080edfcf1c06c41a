import Foundation
import Testing

@Suite("Bus: the page of the contract")
struct ContractPageTests {
    private let page: ContractPage

    init() throws {
        page = try ContractPage()
    }

    @Test("docs/bus.md says what the contract says")
    func upToDate() throws {
        if ProcessInfo.processInfo.environment["WRITE_DOCS"] == "1" {
            try page.text.write(to: ContractPage.file, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: ContractPage.file, encoding: .utf8)
        #expect(written == page.text, "run: WRITE_DOCS=1 swift test --filter ContractPageTests")
    }

    @Test("every message has a subject, an owner and users, and every event says what its loss means")
    func complete() {
        #expect(Set(page.entries.map(\.type)) == Set(Message.all.map(\.description)))
        for entry in page.entries {
            #expect(!entry.subject.isEmpty && !entry.owner.isEmpty && !entry.users.isEmpty, "\(entry.type)")
            #expect(!entry.isEvent || !entry.loss.isEmpty, "\(entry.type)")
        }
    }

    @Test("owners and users are the services whose sources name the message")
    func services() throws {
        let sources = try Self.sources()
        for entry in page.entries {
            let naming = sources.filter { Self.names($0.text, entry.type) }.map(\.service)
            let users = entry.users.replacing(#/ \([^)]*\)/#, with: "").split(separator: ", ").map(String.init)
            #expect(Set(naming) == Set(users + [entry.owner]), "\(entry.type)")
        }
    }

    /// Whether a text holds a word.
    private static func names(_ text: String, _ word: String) -> Bool {
        text.ranges(of: word).contains { range in
            let before = text[..<range.lowerBound].last
            let after = text[range.upperBound...].first
            return ![before, after].contains { $0?.isLetter == true || $0?.isNumber == true }
        }
    }

    /// All sources of each service, as one text.
    private static func sources() throws -> [(service: String, text: String)] {
        let services = ContractPage.root.appending(path: "Services")
        return try FileManager.default.contentsOfDirectory(atPath: services.path).sorted().map { service in
            let folder = services.appending(path: service)
            let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            let files = (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            let text = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
            // What this one asks and reads, its user does.
            guard text.contains("ChangeFollower(") else { return (service, text) }
            let follower = ContractPage.root.appending(path: "Shared/ServiceKit/Registry/ChangeFollower.swift")
            return (service, try text + String(contentsOf: follower, encoding: .utf8))
        }
    }
}
