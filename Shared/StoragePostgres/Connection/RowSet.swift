import CPostgres

/// The server's answer to one statement; freed with its last reference.
final class RowSet {
    private let result: OpaquePointer

    /// Takes the result over.
    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    var count: Int { Int(PQntuples(result)) }

    /// What was done, such as `COMMIT` or `UPDATE 1`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// A column's text; `nil` for NULL and beyond the last column.
    func text(row: Int, column: Int) -> String? {
        let (row, column) = (Int32(row), Int32(column))
        guard column < PQnfields(result), PQgetisnull(result, row, column) == 0,
            let start = PQgetvalue(result, row, column)
        else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes every row.
    func all<Value>(_ entity: String, _ decode: (inout RowReader) throws -> Value) throws -> [Value] {
        try reading(entity) {
            try (0..<count).map { row in
                var reader = RowReader(self, row: row)
                return try decode(&reader)
            }
        }
    }

    func first<Value>(_ entity: String, _ decode: (inout RowReader) throws -> Value) throws -> Value? {
        guard count > 0 else { return nil }
        return try reading(entity) {
            var reader = RowReader(self, row: 0)
            return try decode(&reader)
        }
    }
}
