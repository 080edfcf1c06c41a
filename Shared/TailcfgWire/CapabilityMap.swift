/// Capabilities with their values, sorted by name.
///
/// Sorted once, here, so that equal maps are equal bytes and writing one needs no copy.
/// - Source: `tailcfg.NodeCapMap`.
public struct CapabilityMap: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Names are unique; a capability without values has an empty list.
    public let entries: [Entry]

    public struct Entry: Hashable, Sendable {
        public let name: String
        public let values: [RawJSON]
    }

    public init(_ values: [String: [RawJSON]] = [:]) {
        entries = values.map(Entry.init).sorted { $0.name < $1.name }
    }

    /// Of two equal names the last counts.
    public init(dictionaryLiteral elements: (String, [RawJSON])...) {
        self.init(Dictionary(elements) { _, last in last })
    }

    public var isEmpty: Bool { entries.isEmpty }
}

extension JSONWriter {
    /// Writes `{"name":[…],…}`; a capability without values as an empty list.
    public mutating func capabilityMap(_ map: CapabilityMap) {
        beginObject()
        for entry in map.entries {
            key(text: entry.name)
            beginArray()
            for value in entry.values { raw(value) }
            endArray()
        }
        endObject()
    }
}
