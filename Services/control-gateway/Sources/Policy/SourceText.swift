import NIOCore
import PolicyLanguage
import TailcfgWire

/// A list of sources as JSON, without brackets.
final class SourceText: Sendable, Equatable {
    let text: ByteBuffer
    /// Compressed, where it is long enough to be a piece of its own.
    let frame: ByteBuffer?

    init(_ list: SourceList, longerThan length: Int, encoder: PieceEncoder) {
        var json = JSONWriter()
        for source in list.strings { json.string(source) }
        text = json.take()
        frame = text.readableBytes > length ? encoder.compress(text) : nil
    }

    static func == (lhs: SourceText, rhs: SourceText) -> Bool {
        lhs === rhs || lhs.text == rhs.text
    }
}

/// The lists of sources that were encoded.
struct SourceTexts {
    /// With more lists than this the table starts anew; those in use stay with their filters.
    private static let limit = 16_384

    /// In bytes; longer lists are pieces of their own.
    var longestInline = 1024
    private var texts: [SourceListKey: SourceText] = [:]

    mutating func text(of list: SourceList, encoder: PieceEncoder) -> SourceText {
        let key = SourceListKey(list: list)
        if let text = texts[key] { return text }
        if texts.count >= Self.limit { texts = [:] }
        let text = SourceText(list, longerThan: longestInline, encoder: encoder)
        texts[key] = text
        return text
    }
}
