/// A dictionary whose latest changes can be taken back: those of one batch, on top of what the batches before it left.
struct Layered<Key: Hashable, Value> {
    private var settled: [Key: Value]
    /// `nil` inside: removed.
    private var pending: [Key: Value?] = [:]

    init(_ values: [Key: Value]) {
        settled = values
    }

    subscript(key: Key) -> Value? {
        get {
            if let change = pending[key] { change } else { settled[key] }
        }
        set {
            pending.updateValue(newValue, forKey: key)
        }
    }

    /// All values, in no order.
    var values: [Value] {
        settled.filter { pending[$0.key] == nil }.map(\.value) + pending.values.compactMap(\.self)
    }

    /// Keeps the latest changes.
    mutating func settle() {
        for (key, value) in pending { settled[key] = value }
        pending.removeAll(keepingCapacity: true)
    }

    /// Takes the latest changes back.
    mutating func drop() {
        pending.removeAll(keepingCapacity: true)
    }
}
