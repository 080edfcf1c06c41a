/// The name in a list that a mistyped one most likely means.
///
/// At most one third of the letters may differ. Long names and long lists give no guess, so that the cost stays bounded.
func nearestName(to text: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(text.lowercased().utf8)
    guard (2...64).contains(wanted.count) else { return nil }
    var best: (name: String, distance: Int)?
    for name in names.prefix(1000) {
        let candidate = Array(name.lowercased().utf8)
        guard candidate.count <= 64, abs(candidate.count - wanted.count) <= wanted.count / 3 + 1 else { continue }
        let distance = editDistance(wanted, candidate)
        if distance <= max(1, wanted.count / 3), distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// "did you mean" and the nearest name, where there is one.
func meant(_ text: String, among names: some Sequence<String>) -> String? {
    nearestName(to: text, among: names).map { "did you mean \"\($0)\"?" }
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let above = row[column + 1]
            row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
            diagonal = above
        }
    }
    return row[right.count]
}
