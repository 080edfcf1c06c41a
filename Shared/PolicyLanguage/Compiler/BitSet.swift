/// A set of small numbers, one bit each.
struct BitSet: Hashable, Sendable {
    private var words: [UInt64] = []

    init() {}

    init(_ members: some Sequence<Int>) {
        for member in members { insert(member) }
    }

    /// All numbers below a bound.
    init(below bound: Int) {
        words = Array(repeating: .max, count: bound / 64)
        if bound % 64 != 0 { words.append((1 << UInt64(bound % 64)) - 1) }
    }

    var isEmpty: Bool { words.isEmpty }

    func contains(_ member: Int) -> Bool {
        let word = member >> 6
        return word < words.count && words[word] >> UInt64(member & 63) & 1 == 1
    }

    mutating func insert(_ member: Int) {
        let word = member >> 6
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(member & 63)
    }

    mutating func formUnion(_ other: BitSet) {
        if words.count < other.words.count {
            words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
        }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: BitSet) {
        if words.count > other.words.count { words.removeLast(words.count - other.words.count) }
        for index in words.indices { words[index] &= other.words[index] }
        dropEmptyWords()
    }

    mutating func subtract(_ other: BitSet) {
        for index in 0..<Swift.min(words.count, other.words.count) { words[index] &= ~other.words[index] }
        dropEmptyWords()
    }

    func intersects(_ other: BitSet) -> Bool {
        for index in 0..<Swift.min(words.count, other.words.count) where words[index] & other.words[index] != 0 {
            return true
        }
        return false
    }

    /// No word at the end is zero, so that equal sets have equal words.
    private mutating func dropEmptyWords() {
        while words.last == 0 { words.removeLast() }
    }
}

extension BitSet: Sequence {
    /// In ascending order.
    func makeIterator() -> AnyIterator<Int> {
        var (index, word) = (0, words.first ?? 0)
        let words = words
        return AnyIterator {
            while word == 0 {
                index += 1
                guard index < words.count else { return nil }
                word = words[index]
            }
            let bit = word.trailingZeroBitCount
            word &= word - 1
            return (index << 6) + bit
        }
    }
}
