/// The master key that seals, and earlier or later ones that open what they sealed, while keys are being changed.
public struct MasterKeys: Sendable {
    public let current: MasterKey
    private let others: [MasterKey]

    public init(_ current: MasterKey, others: [MasterKey] = []) {
        self.current = current
        self.others = others
    }

    /// Parses one or more text forms, divided by commas or white space; the first one seals.
    ///
    /// Returns `nil` where there is none, or something else among them.
    public init?(_ text: some StringProtocol) {
        var keys: [MasterKey] = []
        for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            guard let key = MasterKey(word) else { return nil }
            keys.append(key)
        }
        guard let current = keys.first else { return nil }
        self.init(current, others: Array(keys.dropFirst()))
    }

    /// Ids of all, that of the sealing one first.
    public var ids: [MasterKeyID] { [current.id] + others.map(\.id) }

    /// The key of this id.
    public func key(_ id: MasterKeyID) -> MasterKey? {
        current.id == id ? current : others.first { $0.id == id }
    }
}
