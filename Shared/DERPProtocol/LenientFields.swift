import Foundation

/// A JSON object read by names without regard to case and underscores.
struct LenientFields {
    private let container: KeyedDecodingContainer<FieldName>

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: FieldName.self)
    }

    /// The first value with this name that has this type; `name` in lower case without underscores.
    func value<Value: Decodable>(_ name: String, as type: Value.Type) -> Value? {
        for key in container.allKeys where key.folded == name {
            // A value of another type counts as absent: see the types that read this way.
            if let value = try? container.decode(type, forKey: key) { return value }
        }
        return nil
    }
}

/// A member name of a JSON object.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) {
        stringValue = name
    }

    init?(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }

    var folded: String { stringValue.lowercased().filter { $0 != "_" } }
}

/// Small flat values always encode; an empty text would be refused by the peer.
func infoJSON(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return (try? encoder.encode(value)).map { Array($0) } ?? []
}
