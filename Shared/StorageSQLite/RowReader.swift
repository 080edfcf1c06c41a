import ControlModel
import Foundation
import GRDB
import IPAddresses
import Keys

/// Reads a row's columns one after the other, in the order in which the statement names them.
struct RowReader {
    private let row: Row
    private var position = 0

    init(_ row: Row) {
        self.row = row
    }

    mutating func optional<Value: DatabaseValueConvertible>(_ type: Value.Type = Value.self) throws -> Value? {
        guard position < row.count else { throw UnreadableColumn(position: position, expected: "\(type)") }
        let stored: DatabaseValue = row[position]
        position += 1
        guard !stored.isNull else { return nil }
        guard let value = Value.fromDatabaseValue(stored) else { throw unreadable(type) }
        return value
    }

    mutating func next<Value: DatabaseValueConvertible>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value = try optional(type) else { throw unreadable(type) }
        return value
    }

    mutating func id<Entity>() throws -> Identifier<Entity> {
        guard let id = Identifier<Entity>(try next(Int64.self)) else { throw unreadable(Identifier<Entity>.self) }
        return id
    }

    mutating func optionalID<Entity>() throws -> Identifier<Entity>? {
        guard let number = try optional(Int64.self) else { return nil }
        guard let id = Identifier<Entity>(number) else { throw unreadable(Identifier<Entity>.self) }
        return id
    }

    mutating func key<Kind>() throws -> PublicKey<Kind> {
        guard let key = PublicKey<Kind>(try next(String.self)) else { throw unreadable(PublicKey<Kind>.self) }
        return key
    }

    mutating func optionalText<Value: TextCodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let text = try optional(String.self) else { return nil }
        guard let value = Value(text: text) else { throw unreadable(type) }
        return value
    }

    mutating func date() throws -> Date {
        Date(timeIntervalSinceReferenceDate: try next(Double.self))
    }

    mutating func optionalDate() throws -> Date? {
        try optional(Double.self).map { Date(timeIntervalSinceReferenceDate: $0) }
    }

    mutating func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONColumn.decoder.decode(type, from: Data(try next(String.self).utf8))
    }

    mutating func optionalJSON<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let text = try optional(String.self) else { return nil }
        return try JSONColumn.decoder.decode(type, from: Data(text.utf8))
    }

    /// Skips columns that the reader does not want.
    mutating func skip(_ count: Int) {
        position += count
    }

    func unreadable(_ type: Any.Type) -> UnreadableColumn {
        UnreadableColumn(position: position - 1, expected: "\(type)")
    }
}

/// A column holds something that this program never writes.
struct UnreadableColumn: Error {
    let position: Int
    let expected: String
}

/// How structured columns are written: JSON with sorted keys, so that equal values give equal text.
enum JSONColumn {
    static let decoder = JSONDecoder()
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
