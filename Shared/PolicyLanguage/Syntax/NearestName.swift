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

/// How many letters are missing, added, others, or swapped with their neighbours.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var older: [Int] = []
    var old = Array(0...right.count)
    for (index, byte) in left.enumerated() {
        var row = [index + 1]
        row.reserveCapacity(right.count + 1)
        for column in right.indices {
            var cost = min(old[column + 1] + 1, row[column] + 1, old[column] + (byte == right[column] ? 0 : 1))
            if index > 0, column > 0, byte == right[column - 1], left[index - 1] == right[column] {
                cost = min(cost, older[column - 1] + 1)
            }
            row.append(cost)
        }
        (older, old) = (old, row)
    }
    return old[right.count]
}
