/// How far apart choices are made that others may make as well: nearest first, farther after each clash.
///
/// Two processes that take the lowest free name at the same moment clash; after that each chooses among several.
struct Spread: Sendable {
    static let limit = 512

    private(set) var width = 1

    mutating func clashed() {
        width = min(width * 2, Self.limit)
    }

    mutating func succeeded() {
        width -= width / 8 + (width > 1 ? 1 : 0)
        width = max(width, 1)
    }

    /// How many free ones to pass over.
    func skip(random: (UInt128) -> UInt128) -> Int {
        width == 1 ? 0 : Int(random(UInt128(width)))
    }
}
