/// How many letters must be added, dropped or replaced to turn one text into another.
enum EditDistance {
    /// Longest text compared, in characters: longer ones are cut.
    private static let limit = 128

    static func between(_ first: String, _ second: String) -> Int {
        let first = Array(first.prefix(limit))
        let second = Array(second.prefix(limit))
        var row = Array(0...second.count)
        for (line, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in second.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[second.count]
    }
}
