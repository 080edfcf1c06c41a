/// What sources must not hold, whatever they do.
enum FormRules {
    /// Longest file, in lines, unless it is listed in `LargeFiles.txt`.
    static let lineLimit = 500

    /// Names that say nothing; whole words of a folder's or file's name.
    static let emptyNames: Set<String> = [
        "Base", "Common", "Extensions", "Helper", "Helpers", "Misc", "New", "Utilities", "Utility", "Utils",
    ]

    /// Constructs that need a reason, in a comment that ends the line or stands above it.
    static let constructs: [(text: String, name: String)] = [
        ("try" + "!", "a forced try"), ("as" + "!", "a forced cast"), ("Task" + " {", "an unstructured task"),
        ("Task" + "(priority", "an unstructured task"), ("Task" + ".detached", "a detached task"),
        ("@unchecked " + "Sendable", "unchecked sendability"), ("nonisolated" + "(unsafe)", "unsafe isolation"),
        ("Dispatch" + "Semaphore", "a semaphore"),
    ]

    /// Lines, counted from 1, with a construct and no reason.
    static func unexplained(in text: String) -> [(line: Int, name: String)] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var found: [(line: Int, name: String)] = []
        for (index, line) in lines.enumerated() where !isComment(line) {
            let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first ?? line
            for construct in constructs where contains(code, construct.text) {
                let hasReason = line.contains("// ") || (index > 0 && isComment(lines[index - 1]))
                if !hasReason { found.append((index + 1, construct.name)) }
            }
        }
        return found
    }

    /// Parts of a path that say nothing about what is inside.
    static func emptyNames(in path: String) -> [String] {
        path.split(separator: "/").flatMap { part in
            part.split { ".+-_".contains($0) }.map(String.init).filter { emptyNames.contains($0) }
        }
    }

    private static func isComment(_ line: Substring) -> Bool {
        line.drop { $0.isWhitespace }.hasPrefix("//")
    }

    /// Whether `code` holds `text` where no longer word begins before it: `MyTask {` holds no `Task {`.
    private static func contains(_ code: Substring, _ text: String) -> Bool {
        var rest = code
        while let range = rest.firstRange(of: text) {
            let before = rest[..<range.lowerBound].last
            if before.map({ !$0.isLetter && !$0.isNumber && $0 != "_" }) ?? true { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
