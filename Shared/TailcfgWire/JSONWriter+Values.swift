public import Foundation
public import IPAddresses
public import Keys

extension JSONWriter {
    /// Longest that one byte of a text becomes: `\u001f`.
    private static let escapeLength = 6

    public mutating func bool(_ value: Bool) {
        append(atMost: 5) { $0.put(value ? "true" : "false") }
    }

    public mutating func integer(_ value: Int64) {
        append(atMost: ByteSink.decimalLength) { $0.put(decimal: value) }
    }

    public mutating func integer(_ value: Int) {
        integer(Int64(value))
    }

    /// Writes the shortest digits that read back the same; 0 for what JSON cannot say.
    ///
    /// May allocate.
    public mutating func double(_ value: Double) {
        let text = value.isFinite ? value.description : "0"
        append(atMost: text.utf8.count) { sink in
            for byte in text.utf8 { sink.put(byte) }
        }
    }

    public mutating func null() {
        append(atMost: 4) { $0.put("null") }
    }

    /// Writes a text exactly, with escapes where JSON demands them.
    public mutating func string(_ text: String) {
        write(text, growth: Self.escapeLength) { sink, byte in sink.put(escaped: byte) }
    }

    /// Writes a text that people or clients chose: what would need an escape is left out.
    ///
    /// The Rust client borrows texts from the message and refuses a message where it cannot.
    public mutating func text(_ text: String) {
        write(text, growth: 1) { _, _ in }
    }

    public mutating func strings(_ list: [String]) {
        beginArray()
        for element in list { string(element) }
        endArray()
    }

    public mutating func texts(_ list: [String]) {
        beginArray()
        for element in list { text(element) }
        endArray()
    }

    /// Writes the text form of a key.
    public mutating func publicKey<Kind>(_ key: PublicKey<Kind>) {
        appendQuoted(atMost: ByteSink.keyLength) { $0.put(key: key) }
    }

    /// Writes RFC 3339 in UTC, with as few decimals as tell the time.
    public mutating func time(_ time: Date) {
        appendQuoted(atMost: ByteSink.timeLength) { $0.put(time: time) }
    }

    /// Writes standard base64 with padding.
    ///
    /// Allocates.
    public mutating func base64(_ bytes: Data) {
        string(bytes.base64EncodedString())
    }

    public mutating func address(_ address: IPAddress) {
        appendQuoted(atMost: ByteSink.addressLength) { $0.put(address) }
    }

    public mutating func prefix(_ prefix: IPPrefix) {
        appendQuoted(atMost: ByteSink.prefixLength) { $0.put(prefix) }
    }

    public mutating func prefixes(_ list: [IPPrefix]) {
        beginArray()
        for element in list { prefix(element) }
        endArray()
    }

    public mutating func endpoint(_ endpoint: IPEndpoint) {
        appendQuoted(atMost: ByteSink.endpointLength) { $0.put(endpoint) }
    }

    public mutating func endpoints(_ list: [IPEndpoint]) {
        beginArray()
        for element in list { endpoint(element) }
        endArray()
    }

    /// Copies runs that need no care in one go, and hands every other byte to `treat`.
    private mutating func write(_ text: String, growth: Int, treat: (inout ByteSink, UInt8) -> Void) {
        var text = text
        text.withUTF8 { bytes in
            let isPlain = bytes.allSatisfy { !needsCare($0) }
            appendQuoted(atMost: isPlain ? bytes.count : bytes.count * growth) { sink in
                if isPlain { return sink.put(UnsafeRawBufferPointer(bytes)) }
                for byte in bytes {
                    if needsCare(byte) { treat(&sink, byte) } else { sink.put(byte) }
                }
            }
        }
    }
}

@inline(__always)
private func needsCare(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
}

extension ByteSink {
    fileprivate mutating func put(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): put("\\\"")
        case UInt8(ascii: "\\"): put("\\\\")
        case UInt8(ascii: "\n"): put("\\n")
        case 0x7F: put(byte)
        default:
            put("\\u00")
            put(hexDigit: byte >> 4)
            put(hexDigit: byte & 0xF)
        }
    }
}
