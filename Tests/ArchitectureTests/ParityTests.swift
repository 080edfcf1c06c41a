import Foundation
import Testing

@Suite("docs/parity.md")
struct ParityTests {
    private let page: String
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    init() throws {
        page = try String(contentsOf: root.appending(path: "docs/parity.md"), encoding: .utf8)
    }

    @Test("each behaviour has one row, and the page counts those that are shown")
    func complete() throws {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| Test") }
        #expect(rows.count == 158)
        #expect(Set(rows.map { $0.split(separator: "|")[0] }).count == 158)
        let shown = rows.count { !$0.contains("| not shown: ") }
        #expect(page.contains("\n\(shown) of 158 are shown.\n"))
    }

    @Test("each test that the page names is there")
    func named() throws {
        var sources: [String: String] = [:]
        let tests = root.appending(path: "Tests")
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
        )
        where file.pathExtension == "swift" {
            let name = file.deletingPathExtension().lastPathComponent
            sources[name, default: ""] += try String(contentsOf: file, encoding: .utf8)
        }
        var count = 0
        for row in page.split(separator: "\n") where row.hasPrefix("| Test") {
            let cell = row.split(separator: "|").last ?? ""
            for entry in cell.trimmingPrefix(" ").split(separator: "<br>") {
                guard let (title, file) = Self.reference(String(entry)) else { continue }
                count += 1
                let text = title.replacing("\"", with: "\\\"")
                #expect(sources[file]?.contains("\"\(text)\"") == true, "\(title) in \(file)")
            }
        }
        #expect(count > 158)
    }

    /// `title (File)`; `nil` for words about what is not shown.
    private static func reference(_ entry: String) -> (title: String, file: String)? {
        let entry = entry.trimmingCharacters(in: .whitespaces)
        guard entry.hasSuffix(")"), let open = entry.range(of: " (", options: .backwards) else { return nil }
        let file = String(entry[open.upperBound...].dropLast())
        return file.hasSuffix("Tests") ? (String(entry[..<open.lowerBound]), file) : nil
    }
}
