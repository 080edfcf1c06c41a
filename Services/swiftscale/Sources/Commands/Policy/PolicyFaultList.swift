import PolicyLanguage

/// What is wrong with a policy, as the commands show it.
struct PolicyFaultList: Hashable, Sendable {
    /// One fault; the same members as in the admin API's answers.
    struct Row: Hashable, Sendable {
        var line: Int64
        var column: Int64
        var text: String
        var message: String
        var suggestion: String?
    }

    var rows: [Row]
    /// Faults that are there but not told.
    var omitted: Int64

    static let none = PolicyFaultList(rows: [], omitted: 0)

    init(rows: [Row], omitted: Int64) {
        self.rows = rows
        self.omitted = omitted
    }

    /// What a server answered.
    init(value: JSONValue) {
        rows = (value["errors"]?.list ?? []).map { row in
            Row(
                line: row["line"]?.integer ?? 0,
                column: row["column"]?.integer ?? 0,
                text: row["text"]?.text ?? "",
                message: row["message"]?.text ?? "",
                suggestion: row["suggestion"]?.text
            )
        }
        omitted = value["omitted"]?.integer ?? 0
    }

    init(_ errors: PolicyErrors) {
        rows = errors.faults.map { fault in
            Row(
                line: Int64(fault.position.line),
                column: Int64(fault.position.column),
                text: fault.text,
                message: fault.message,
                suggestion: fault.suggestion
            )
        }
        omitted = Int64(errors.omitted)
    }

    /// - Parameters:
    ///   - name: what the policy is called, such as the path of its file.
    ///   - source: the policy itself, from which the faulty lines are shown.
    func report(name: String, source: [UInt8], whenFine: String) -> Report {
        let value = JSONValue.object([
            "valid": .bool(rows.isEmpty), "errors": .list(rows.map(\.value)), "omitted": .integer(omitted),
        ])
        guard !rows.isEmpty else { return Report(text: whenFine, value: value) }
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var text = rows.map { row in row.text(name: name, lines: lines) }
        let count = Int64(rows.count) + omitted
        if omitted > 0 { text.append("and \(omitted) more") }
        text.append("\(name): \(count) \(count == 1 ? "error" : "errors")")
        return Report(text: text.joined(separator: "\n"), value: value, isRefusal: true)
    }
}

extension PolicyFaultList.Row {
    /// Longest piece of a line that is shown, in characters.
    private static let excerptLength = 100
    /// Longest line of which a piece is shown, in bytes: no text that people read has longer ones.
    private static let longestLine = 64 << 10

    fileprivate var value: JSONValue {
        .object([
            "line": .integer(line), "column": .integer(column), "text": .text(text), "message": .text(message),
            "suggestion": suggestion.map(JSONValue.text) ?? .null,
        ])
    }

    /// `file:line:column: message; suggestion`, the line, and a mark under the place.
    fileprivate func text(name: String, lines: [ArraySlice<UInt8>]) -> String {
        let hint = suggestion.map { "; \($0)" } ?? ""
        let near = text.isEmpty || message.contains(text) ? "" : " (at \"\(text)\")"
        let head = Table.printable("\(name):\(line):\(column): \(message)\(near)\(hint)")
        guard line >= 1, line <= lines.count, lines[Int(line) - 1].count <= Self.longestLine else { return head }
        let scalars = Array(String(decoding: lines[Int(line) - 1], as: UTF8.self).unicodeScalars)
        let place = Int(column) - 1
        guard place >= 0, place <= scalars.count else { return head }
        let start = max(0, place - Self.excerptLength / 2)
        let piece = scalars[start..<min(scalars.count, start + Self.excerptLength)].map { $0 == "\t" ? " " : $0 }
        let shown = Table.printable(String(String.UnicodeScalarView(piece)))
        return "\(head)\n  \(shown)\n  \(String(repeating: " ", count: place - start))^"
    }
}
