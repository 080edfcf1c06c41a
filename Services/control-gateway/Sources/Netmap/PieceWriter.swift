import NIOCore
import Zstandard

/// Puts a payload together from fresh text and from pieces made earlier, in one of the two forms.
///
/// Fresh text gathers until a shared piece comes, so that a payload has few small frames.
struct PieceWriter {
    private let encoder: PieceEncoder
    private let isCompressed: Bool
    private var payload = MapPayload()
    private var text = ByteBuffer()

    init(encoder: PieceEncoder, isCompressed: Bool) {
        self.encoder = encoder
        self.isCompressed = isCompressed
    }

    /// Appends text that only this payload has.
    mutating func write(_ body: (inout ByteBuffer) -> Void) {
        body(&text)
    }

    mutating func append(_ piece: EncodedPiece) {
        flushText()
        payload.append(isCompressed ? piece.frame : piece.text)
    }

    mutating func finish() -> MapPayload {
        flushText()
        return payload
    }

    private mutating func flushText() {
        guard text.readableBytes > 0 else { return }
        payload.append(isCompressed ? encoder.compress(text) : text)
        text = ByteBuffer()
    }
}

/// A piece in both forms.
///
/// The frame decodes to the text.
struct EncodedPiece: Sendable {
    let text: ByteBuffer
    let frame: ByteBuffer
}

/// Compresses pieces; owned by one event loop.
final class PieceEncoder {
    private let compressor: ZstdCompressor?
    private let allocator = ByteBufferAllocator()

    init() {
        compressor = try? ZstdCompressor()
    }

    /// One whole frame; where libzstd has no memory left, one that holds the text as it is.
    func compress(_ text: ByteBuffer) -> ByteBuffer {
        var frame = allocator.buffer(capacity: text.readableBytes / 3 + 64)
        do {
            guard let compressor else { return ZstdFrame.raw(text.readableBytesView) }
            try compressor.compress(text, into: &frame)
            return frame
        } catch {
            return ZstdFrame.raw(text.readableBytesView)
        }
    }

    func encode(_ text: ByteBuffer) -> EncodedPiece {
        EncodedPiece(text: text, frame: compress(text))
    }
}
