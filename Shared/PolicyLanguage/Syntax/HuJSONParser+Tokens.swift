extension HuJSONParser {
    /// Skips white space and comments, keeping count of lines.
    mutating func skipBlank() throws(PolicyErrors) {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0D: index += 1
            case 0x0A: newLine()
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    mutating func skipByteOrderMark() {
        index = 3
        lineStart = 3
    }

    private mutating func newLine() {
        index += 1
        line += 1
        lineStart = index
    }

    private mutating func skipComment() throws(PolicyErrors) {
        guard index + 1 < bytes.count else { throw unexpected("where a comment should be") }
        switch bytes[index + 1] {
        case UInt8(ascii: "/"):
            while let byte = current, byte != 0x0A { advance(byte) }
        case UInt8(ascii: "*"):
            let start = position
            index += 2
            while let byte = current {
                if byte == UInt8(ascii: "*"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "/") {
                    index += 2
                    return
                }
                if byte == 0x0A { newLine() } else { advance(byte) }
            }
            throw failure("a comment is not closed", text: "/*", at: start)
        default: throw unexpected("where a comment should be")
        }
    }

    /// Steps over one byte of text; continuation bytes do not count as columns.
    private mutating func advance(_ byte: UInt8) {
        index += 1
        if byte & 0xC0 == 0x80 { lineStart += 1 }
    }

    mutating func string() throws(PolicyErrors) -> String {
        let start = position
        index += 1
        let first = index
        var escaped: [UInt8]?
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let text = escaped.map { String(decoding: $0, as: UTF8.self) }
                defer { index += 1 }
                return text ?? String(decoding: bytes[first..<index], as: UTF8.self)
            case UInt8(ascii: "\\"):
                if escaped == nil { escaped = Array(bytes[first..<index]) }
                escaped?.append(contentsOf: try escape())
            case 0..<0x20:
                throw failure("a control character in a string must be written as an escape", at: position)
            default:
                escaped?.append(byte)
                advance(byte)
            }
        }
        throw failure("a string is not closed", text: "\"", at: start)
    }

    private mutating func escape() throws(PolicyErrors) -> [UInt8] {
        let start = position
        index += 1
        guard let byte = current else { throw failure("a string is not closed", at: start) }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try escapedScalar(start))).utf8)
        default: throw failure("invalid escape in a string", at: start)
        }
    }

    private mutating func escapedScalar(_ start: SourcePosition) throws(PolicyErrors) -> Unicode.Scalar {
        let high = try hexUnit(start)
        if let scalar = Unicode.Scalar(UInt32(high)) { return scalar }
        guard high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw failure("half of a surrogate pair in a string", at: start)
        }
        let low = try hexUnit(start)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw failure("half of a surrogate pair in a string", at: start) }
        return scalar
    }

    private mutating func hexUnit(_ start: SourcePosition) throws(PolicyErrors) -> UInt16 {
        guard index + 4 <= bytes.count,
            bytes[index..<index + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }),
            let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw failure("invalid escape in a string", at: start) }
        index += 4
        return unit
    }

    mutating func number() throws(PolicyErrors) -> String {
        let (first, start) = (index, position)
        _ = take(UInt8(ascii: "-"))
        let whole = digits()
        var isValid = whole > 0 && (whole == 1 || bytes[index - whole] != UInt8(ascii: "0"))
        if take(UInt8(ascii: ".")) { isValid = digits() > 0 && isValid }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            isValid = digits() > 0 && isValid
        }
        let text = String(decoding: bytes[first..<index], as: UTF8.self)
        guard isValid else { throw failure("invalid number", text: String(text.prefix(40)), at: start) }
        return text
    }

    private mutating func digits() -> Int {
        let first = index
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        return index - first
    }

    func requireUTF8() throws(PolicyErrors) {
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        var (place, offset) = (SourcePosition.start, 0)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            offset += UTF8.width(scalar)
            place.column += 1
            if scalar == "\n" { place = SourcePosition(line: place.line + 1, column: 1) }
        }
        let byte = offset < bytes.count ? String(bytes[offset], radix: 16) : "the end"
        throw failure("invalid UTF-8: byte \(offset) (0x\(byte))", at: place)
    }
}
