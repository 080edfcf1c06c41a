import Testing

@testable import swiftscale

@Suite("configuration: the document")
struct ConfigurationDocumentTests {
    private let document: ReferenceDocument

    init() throws {
        document = try ReferenceDocument("configuration.md")
    }

    @Test("the document lists every key once, and no other")
    func keys() {
        let documented = document.keys
        let known = Set(KnownKeys.all.map(\.name))
        #expect(known.subtracting(documented).sorted() == [], "not in the document")
        #expect(Set(documented).subtracting(known).sorted() == [], "not in the code")
        #expect(documented.count == Set(documented).count, "listed twice")
    }

    @Test("a key that is read stands with its environment variable, one that only a file holds with a dash")
    func environment() throws {
        for key in KnownKeys.all where key.standing == .read {
            let row = try #require(document.row(key.name), "\(key.name)")
            let expected = key.shape == .structure ? "-" : "`\(key.environmentName)`"
            #expect(row.dropFirst().first == expected, "\(key.name)")
        }
    }

    @Test("keys without effect and removed keys stand under their own headings")
    func standing() throws {
        let ignored = try #require(document.section("Accepted and without effect"))
        let removed = try #require(document.section("Removed"))
        for key in KnownKeys.all {
            let isIgnored = ignored.contains("| `\(key.name)` |")
            let isRemoved = removed.contains("| `\(key.name)` |")
            switch key.standing {
            case .read: #expect(!isIgnored && !isRemoved, "\(key.name)")
            case .notYetSupported: #expect(isIgnored && !isRemoved, "\(key.name)")
            case .removed(let replacement):
                #expect(isRemoved && !isIgnored, "\(key.name)")
                #expect(document.row(key.name)?.last?.replacing("`", with: "") == replacement, "\(key.name)")
            }
        }
    }
}
