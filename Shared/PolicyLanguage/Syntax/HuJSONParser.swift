/// Reads HuJSON in one pass, byte by byte.
struct HuJSONParser {
    let bytes: [UInt8]
    var index = 0
    var line = 1
    /// Offset of the first byte of the line, moved on by the continuation bytes seen in it.
    var lineStart = 0
    private var duplicates: [PolicyFault] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(PolicyErrors) -> HuJSON {
        guard bytes.count <= HuJSON.lengthLimit else {
            throw failure("the document has \(bytes.count) bytes, more than \(HuJSON.lengthLimit)")
        }
        try requireUTF8()
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { skipByteOrderMark() }
        try skipBlank()
        let value = try value(depth: 0)
        try skipBlank()
        guard index == bytes.count else { throw unexpected("after the end of the document") }
        guard duplicates.isEmpty else { throw PolicyErrors(faults: duplicates) }
        return value
    }

    var position: SourcePosition { SourcePosition(line: line, column: index - lineStart + 1) }

    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    func failure(_ message: String, text: String = "", at place: SourcePosition? = nil) -> PolicyErrors {
        PolicyErrors(faults: [PolicyFault(position: place ?? position, text: text, message: message)])
    }

    func unexpected(_ place: String) -> PolicyErrors {
        guard let byte = current else { return failure("the document ends too early, \(place)") }
        let text = String(decoding: bytes[index..<min(index + 12, bytes.count)], as: UTF8.self)
        let shown = byte < 0x20 ? "a control character" : "\"\(text.prefix { !$0.isNewline })\""
        return failure("unexpected \(shown) \(place)")
    }

    private mutating func value(depth: Int) throws(PolicyErrors) -> HuJSON {
        guard depth <= HuJSON.depthLimit else { throw failure("nested deeper than \(HuJSON.depthLimit) levels") }
        let start = position
        guard let byte = current else { throw unexpected("where a value should be") }
        switch byte {
        case UInt8(ascii: "{"): return HuJSON(content: .object(try members(depth: depth)), position: start)
        case UInt8(ascii: "["): return HuJSON(content: .array(try items(depth: depth)), position: start)
        case UInt8(ascii: "\""): return HuJSON(content: .string(try string()), position: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return HuJSON(content: .number(try number()), position: start)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return HuJSON(content: try word(), position: start)
        default: throw unexpected("where a value should be")
        }
    }

    private mutating func members(depth: Int) throws(PolicyErrors) -> [HuJSON.Member] {
        index += 1
        var members: [HuJSON.Member] = []
        var names: Set<String> = []
        while true {
            try skipBlank()
            if take(UInt8(ascii: "}")) { return members }
            let place = position
            guard current == UInt8(ascii: "\"") else { throw unexpected("where a name in quotes should be") }
            let name = try string()
            try skipBlank()
            guard take(UInt8(ascii: ":")) else { throw unexpected("where ':' should be") }
            try skipBlank()
            let value = try value(depth: depth + 1)
            if !names.insert(name).inserted { noteDuplicate(name, at: place) }
            members.append(.init(name: name, position: place, value: value))
            try skipBlank()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw unexpected("where ',' or '}' should be") }
            return members
        }
    }

    private mutating func items(depth: Int) throws(PolicyErrors) -> [HuJSON] {
        index += 1
        var items: [HuJSON] = []
        while true {
            try skipBlank()
            if take(UInt8(ascii: "]")) { return items }
            items.append(try value(depth: depth + 1))
            try skipBlank()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw unexpected("where ',' or ']' should be") }
            return items
        }
    }

    private mutating func word() throws(PolicyErrors) -> HuJSON.Content {
        let words: [(StaticString, HuJSON.Content)] = [
            ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
        ]
        for (text, content) in words {
            let length = text.utf8CodeUnitCount
            guard index + length <= bytes.count else { continue }
            let matches = text.withUTF8Buffer { $0.elementsEqual(bytes[index..<index + length]) }
            if matches {
                index += length
                return content
            }
        }
        throw unexpected("where a value should be")
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    private mutating func noteDuplicate(_ name: String, at place: SourcePosition) {
        duplicates.append(PolicyFault(position: place, text: name, message: "duplicate object member name \"\(name)\""))
    }
}
