import Foundation
import IPAddresses
import Keys
public import NIOCore

/// Writes JSON into a buffer, front to back, without an object in between.
///
/// Commas are its own: between fields and elements it writes one where one is due, never before the first. A fresh writer
/// therefore makes a fragment (`"DERPMap":{…}` or `{…},{…}`) that fits between other fragments with a comma.
/// - Escapes: only `"`, `\` and control characters; never `/`, `<`, `>`, `&` or anything beyond ASCII.
/// - Cost: no allocation but the buffer's own growth, except where a method says so.
public struct JSONWriter: Sendable {
    public private(set) var buffer: ByteBuffer
    private var needsComma = false
    let casing: KeyCasing

    /// - Parameter buffer: What is written comes after what it holds.
    public init(appendingTo buffer: ByteBuffer = ByteBuffer()) {
        self.init(appendingTo: buffer, casing: .go)
    }

    init(appendingTo buffer: ByteBuffer = ByteBuffer(), casing: KeyCasing) {
        self.buffer = buffer
        self.casing = casing
    }

    /// Hands out what was written and starts an empty fragment.
    public mutating func take() -> ByteBuffer {
        defer { clear() }
        return buffer
    }

    /// Starts an empty fragment in the same memory, unless somebody else holds it.
    public mutating func clear() {
        buffer.clear()
        needsComma = false
    }

    public mutating func beginObject() { open("{") }
    public mutating func endObject() { close("}") }
    public mutating func beginArray() { open("[") }
    public mutating func endArray() { close("]") }

    /// Writes a field's name; its value comes next.
    public mutating func key(_ name: StaticString) {
        append(atMost: name.utf8CodeUnitCount + 3) { sink in
            sink.put("\"")
            sink.put(name)
            sink.put("\":")
        }
        needsComma = false
    }

    /// Writes a field's name, spelled as the client at hand spells it.
    mutating func key(_ name: StaticString, rust: StaticString) {
        key(casing == .go ? name : rust)
    }

    /// Writes a field's name that is known only now.
    public mutating func key(text name: String) {
        string(name)
        append(raw: ":")
        needsComma = false
    }

    /// Writes one value that is JSON already.
    public mutating func raw(_ json: RawJSON) {
        separate()
        buffer.writeString(json.text)
        needsComma = true
    }

    /// Writes fields or elements that were written before; nothing for an empty buffer.
    public mutating func fragment(_ fragment: ByteBuffer) {
        guard fragment.readableBytes > 0 else { return }
        separate()
        buffer.writeImmutableBuffer(fragment)
        needsComma = true
    }

    private mutating func open(_ bracket: StaticString) {
        append(atMost: 1) { $0.put(bracket) }
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        append(raw: bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { append(raw: ",") }
    }

    private mutating func append(raw text: StaticString) {
        buffer.writeStaticString(text)
    }

    /// Appends one value or key of at most `length` bytes, with the comma before it where one is due.
    @inline(__always)
    mutating func append(atMost length: Int, _ fill: (inout ByteSink) -> Void) {
        let hasComma = needsComma
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length + 1) { storage in
            var sink = ByteSink(storage)
            if hasComma { sink.put(",") }
            fill(&sink)
            return sink.count
        }
        needsComma = true
    }

    /// Appends one quoted value of at most `length` bytes that needs no escapes.
    @inline(__always)
    mutating func appendQuoted(atMost length: Int, _ fill: (inout ByteSink) -> Void) {
        append(atMost: length + 2) { sink in
            sink.put("\"")
            fill(&sink)
            sink.put("\"")
        }
    }
}
