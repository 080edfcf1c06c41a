import Foundation

/// One statement to run, with the values of its `$1`, `$2` and so on.
struct Statement: Sendable {
    var sql: String
    var values: [SQLValue]

    init(_ sql: String, _ values: [SQLValue] = []) {
        self.sql = sql
        self.values = values
    }

    static let begin = Statement("BEGIN")
    static let commit = Statement("COMMIT")
    static let rollback = Statement("ROLLBACK")
    /// Plans of prepared statements are made anew when they are needed next.
    static let discardPlans = Statement("DISCARD PLANS")
    /// For several reads that must see one state.
    static let beginSnapshot = Statement("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
}

/// A value as PostgreSQL reads it from text; `nil` is NULL.
struct SQLValue: Sendable {
    let text: String?

    private init(form text: String?) {
        self.text = text
    }

    static func text(_ value: String) -> SQLValue { SQLValue(form: TextColumn.stored(value)) }
    static func integer(_ value: (some BinaryInteger)?) -> SQLValue { SQLValue(form: value.map { "\($0)" }) }
    static func boolean(_ value: Bool) -> SQLValue { SQLValue(form: value ? "t" : "f") }
    /// Swift's shortest form is read back as the same number.
    static func date(_ value: Date?) -> SQLValue {
        SQLValue(form: value.map { "\($0.timeIntervalSinceReferenceDate)" })
    }
    static func optionalText(_ value: String?) -> SQLValue { SQLValue(form: value.map(TextColumn.stored)) }
    static func json(_ value: some Encodable) throws -> SQLValue { SQLValue(form: try JSONColumn.text(value)) }

    static func bytes(_ value: Data) -> SQLValue {
        let digits = Array("0123456789abcdef".utf8)
        var form = Array("\\x".utf8)
        for byte in value { form += [digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]] }
        return SQLValue(form: String(decoding: form, as: UTF8.self))
    }

    static func dates(_ values: some Sequence<Date>) -> SQLValue {
        SQLValue(form: "{" + values.map { "\($0.timeIntervalSinceReferenceDate)" }.joined(separator: ",") + "}")
    }

    static func integers(_ values: some Sequence<Int64>) -> SQLValue {
        SQLValue(form: "{" + values.map(String.init).joined(separator: ",") + "}")
    }

    static func texts(_ values: some Sequence<String>) -> SQLValue {
        let quoted = values.map { value in
            let escaped = TextColumn.stored(value).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\"\(escaped)\""
        }
        return SQLValue(form: "{" + quoted.joined(separator: ",") + "}")
    }
}

/// How text is kept: as it is, but for U+0000, which PostgreSQL has no place for and clients may send.
///
/// U+0000 becomes U+0001 and `0`, U+0001 itself U+0001 and `1`; different texts stay different.
enum TextColumn {
    static func stored(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 <= 1 }) else { return value }
        return value.unicodeScalars.reduce(into: "") { stored, scalar in
            switch scalar.value {
            case 0: stored += "\u{1}0"
            case 1: stored += "\u{1}1"
            default: stored.unicodeScalars.append(scalar)
            }
        }
    }

    /// `nil` for what `stored` never makes.
    static func value(_ stored: String) -> String? {
        guard stored.utf8.contains(1) else { return stored }
        var value = String.UnicodeScalarView()
        var scalars = stored.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar.value == 1 else {
                value.append(scalar)
                continue
            }
            switch scalars.next() {
            case "0": value.append("\u{0}")
            case "1": value.append("\u{1}")
            default: return nil
            }
        }
        return String(value)
    }
}

/// How structured columns are written: JSON text with sorted keys, so that equal values give equal text.
///
/// Not `jsonb`, which refuses the `\u0000` that a client may send.
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
