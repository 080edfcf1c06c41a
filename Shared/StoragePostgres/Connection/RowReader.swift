import ControlModel
import Foundation
import IPAddresses
import Keys

/// Reads a row's columns one after the other, in the order in which the statement names them.
struct RowReader {
    private let rows: RowSet
    private let row: Int
    private var position = 0

    init(_ rows: RowSet, row: Int) {
        self.rows = rows
        self.row = row
    }

    /// The column as the server wrote it.
    private mutating func form() -> String? {
        defer { position += 1 }
        return rows.text(row: row, column: position)
    }

    private mutating func some() throws -> String {
        guard let form = form() else { throw unreadable(String.self) }
        return form
    }

    mutating func text() throws -> String {
        guard let text = TextColumn.value(try some()) else { throw unreadable(String.self) }
        return text
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value = Value(try some()) else { throw unreadable(type) }
        return value
    }

    mutating func optionalInteger<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let form = form() else { return nil }
        guard let value = Value(form) else { throw unreadable(type) }
        return value
    }

    mutating func boolean() throws -> Bool {
        switch try some() {
        case "t": true
        case "f": false
        default: throw unreadable(Bool.self)
        }
    }

    mutating func optionalDate() throws -> Date? {
        guard let form = form() else { return nil }
        guard let seconds = Double(form) else { throw unreadable(Date.self) }
        return Date(timeIntervalSinceReferenceDate: seconds)
    }

    mutating func date() throws -> Date {
        guard let date = try optionalDate() else { throw unreadable(Date.self) }
        return date
    }

    mutating func id<Entity>() throws -> Identifier<Entity> {
        guard let id = Identifier<Entity>(try integer(Int64.self)) else { throw unreadable(Identifier<Entity>.self) }
        return id
    }

    mutating func optionalID<Entity>() throws -> Identifier<Entity>? {
        guard let number = try optionalInteger(Int64.self) else { return nil }
        guard let id = Identifier<Entity>(number) else { throw unreadable(Identifier<Entity>.self) }
        return id
    }

    mutating func key<Kind>() throws -> PublicKey<Kind> {
        guard let key = PublicKey<Kind>(try some()) else { throw unreadable(PublicKey<Kind>.self) }
        return key
    }

    mutating func optionalText<Value: TextCodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let form = form() else { return nil }
        guard let value = Value(text: form) else { throw unreadable(type) }
        return value
    }

    mutating func optionalPlainText() throws -> String? {
        guard let form = form() else { return nil }
        guard let text = TextColumn.value(form) else { throw unreadable(String.self) }
        return text
    }

    /// JSON that was written as a text.
    mutating func storedJSON<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONColumn.decoder.decode(type, from: Data(try text().utf8))
    }

    mutating func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONColumn.decoder.decode(type, from: Data(try some().utf8))
    }

    mutating func optionalJSON<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let form = form() else { return nil }
        guard let text = TextColumn.value(form) else { throw unreadable(type) }
        return try JSONColumn.decoder.decode(type, from: Data(text.utf8))
    }

    /// Passes over columns that the reader does not want.
    mutating func skip(_ count: Int) {
        position += count
    }

    /// From PostgreSQL's hexadecimal form.
    mutating func bytes() throws -> Data {
        let form = try some().utf8
        guard form.starts(with: "\\x".utf8) else { throw unreadable(Data.self) }
        var data = Data()
        var high: UInt8?
        for digit in form.dropFirst(2) {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init) else {
                throw unreadable(Data.self)
            }
            if let first = high {
                data.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard high == nil else { throw unreadable(Data.self) }
        return data
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
