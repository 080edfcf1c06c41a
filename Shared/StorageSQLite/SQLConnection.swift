import Foundation
import GRDB

/// A database connection with the few ways of asking that the tables need; statements are prepared once.
struct SQLConnection {
    let database: Database

    func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws {
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// How many rows the last ``run(_:_:)`` touched.
    var affectedRows: Int { database.changesCount }

    func first<Value>(
        _ sql: String,
        _ arguments: [(any DatabaseValueConvertible)?] = [],
        decode: (inout RowReader) throws -> Value
    ) throws -> Value? {
        let statement = try database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        guard let row = try cursor.next() else { return nil }
        var reader = RowReader(row)
        return try decode(&reader)
    }

    func all<Value>(
        _ sql: String,
        _ arguments: [(any DatabaseValueConvertible)?] = [],
        decode: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        let statement = try database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        var values: [Value] = []
        while let row = try cursor.next() {
            var reader = RowReader(row)
            values.append(try decode(&reader))
        }
        return values
    }
}
