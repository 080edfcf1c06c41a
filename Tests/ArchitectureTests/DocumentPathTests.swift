import Foundation
import Testing

@Suite("documents: paths")
struct DocumentPathTests {
    @Test("links lead to files that are there", arguments: try DocumentPathTests.documents())
    func links(path: String) throws {
        let folder = path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        for match in try Self.text(path).matches(of: #/\]\(([^)#:\s]+)(?:#[^)]*)?\)/#) {
            let target = URL(filePath: folder + match.1, relativeTo: SourceTree.root).standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: target), "\(path) links to \(match.1)")
        }
    }

    @Test("paths in backquotes are there, unless a part is left open", arguments: try DocumentPathTests.documents())
    func paths(path: String) throws {
        for match in try Self.text(path).matches(of: #/`((?:Services|Shared|Tests|docs)/[^`\s]*)`/#) {
            let isOpen = match.1.contains { "<…*".contains($0) }
            #expect(isOpen || SourceTree.exists(String(match.1)), "\(path) names \(match.1)")
        }
    }

    /// All documents, relative to the root.
    static func documents() throws -> [String] {
        let start = SourceTree.root.appending(path: "docs")
        let found = FileManager.default.enumerator(atPath: start.path)
        let pages = (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
        return ["README.md", "CONTRIBUTING.md"] + pages.sorted()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
    }
}
