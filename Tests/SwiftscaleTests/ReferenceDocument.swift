import Foundation

/// A page of `docs/`, as the tests that compare it with the code see it.
struct ReferenceDocument {
    let text: String

    /// - Parameter name: the file's name in `docs/`.
    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        text = try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    /// First cells of all table rows, without the backquotes around them; cells that are not code are left out.
    var keys: [String] {
        text.split(separator: "\n").compactMap { line in
            guard let match = line.prefixMatch(of: #/\| `([^`]+)` \|/#) else { return nil }
            return String(match.1)
        }
    }

    /// The cells of a table row whose first cell is `key` in backquotes, trimmed; `nil` without such a row.
    func row(_ key: String) -> [String]? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("| `\(key)` |") }) else { return nil }
        return line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What stands under a heading of the second or third level, up to the next heading; `nil` without the heading.
    func section(_ heading: String) -> Substring? {
        for marks in ["## ", "### "] {
            guard let start = text.firstRange(of: "\n\(marks)\(heading)\n") else { continue }
            let rest = text[start.upperBound...]
            return rest.firstRange(of: #/\n##/#).map { rest[..<$0.lowerBound] } ?? rest
        }
        return nil
    }
}
