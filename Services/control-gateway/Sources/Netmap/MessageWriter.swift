import NIOCore

/// Writes the members of a message of a map stream.
struct MessageWriter {
    var writer: PieceWriter
    private var members = 0

    init(encoder: PieceEncoder, isCompressed: Bool) {
        writer = PieceWriter(encoder: encoder, isCompressed: isCompressed)
    }

    /// Starts a member: what stands before it, and `key`.
    mutating func begin(_ key: StaticString) {
        let opening: StaticString = members == 0 ? "{" : ","
        writer.write {
            $0.writeStaticString(opening)
            $0.writeStaticString(key)
        }
        members += 1
    }

    /// Writes a whole member.
    mutating func member(_ text: ByteBuffer) {
        begin("")
        writer.write { $0.writeImmutableBuffer(text) }
    }

    /// Ends the message; one without members is empty.
    mutating func finish() -> MapPayload {
        guard members > 0 else { return MapPayload() }
        writer.write { $0.writeStaticString("}") }
        return writer.finish()
    }
}
