/// Rows under headings, in aligned columns two spaces apart, without lines.
struct Table: Hashable, Sendable {
    var headings: [String]
    private(set) var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    init(_ headings: [String]) {
        self.headings = headings
    }

    /// Adds a row; control characters in it are shown as `?`, so that names from elsewhere cannot steer a terminal.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { $0.isEmpty ? "-" : Self.printable($0) })
    }

    /// - Parameter whenEmpty: what is said instead of a table without rows.
    func text(whenEmpty: String) -> String {
        guard !rows.isEmpty else { return whenEmpty }
        let lines = [headings] + rows
        let widths = headings.indices.map { column in
            lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { Self.line($0, widths: widths) }.joined(separator: "\n")
    }

    private static func line(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (cell, width) in zip(cells, widths) {
            line += cell + String(repeating: " ", count: width - cell.count + 2)
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// The text with `?` for control characters.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map(replaced)))
    }

    private static func replaced(_ scalar: UnicodeScalar) -> UnicodeScalar {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "?"
        default: scalar
        }
    }
}
