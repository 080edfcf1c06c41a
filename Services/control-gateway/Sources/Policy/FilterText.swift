import NIOCore
import PolicyLanguage
import TailcfgWire

/// The packet filter of one node as a JSON member, cut where lists of sources stand that other nodes have as well.
///
/// What differs between nodes of a class is the node's own addresses; the lists, which may name every node there is, are
/// encoded once.
struct FilterText: Sendable, Equatable {
    private var parts: [Part] = []
    private var tail = ByteBuffer()

    private struct Part: Sendable, Equatable {
        var text: ByteBuffer
        var sources: SourceText
    }

    init(_ rules: [PacketFilterRule], _ table: inout SourceTexts, encoder: PieceEncoder) {
        var json = JSONWriter()
        json.key("PacketFilters")
        json.beginObject()
        json.key("base")
        json.beginArray()
        for rule in rules {
            let targets = WireFilterRule(targetsOf: rule)
            guard targets.isUseful else { continue }
            json.beginObject()
            json.key("SrcIPs")
            json.beginArray()
            let sources = table.text(of: rule.sources, encoder: encoder)
            if sources.frame == nil {
                json.fragment(sources.text)
            } else {
                parts.append(Part(text: json.take(), sources: sources))
            }
            json.endArray()
            json.filterTargetFields(of: targets)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        tail = json.take()
    }

    func write(to writer: inout PieceWriter) {
        for part in parts {
            writer.write { $0.writeImmutableBuffer(part.text) }
            writer.append(EncodedPiece(text: part.sources.text, frame: part.sources.frame ?? ByteBuffer()))
        }
        writer.write { $0.writeImmutableBuffer(tail) }
    }

    /// What holds without a policy.
    static let allowAll: ByteBuffer = {
        var json = JSONWriter()
        json.packetFiltersField([.allowAll])
        return json.take()
    }()
}

/// A list of sources as JSON, without brackets.
final class SourceText: Sendable, Equatable {
    let text: ByteBuffer
    /// Compressed, where it is long enough to be a piece of its own.
    let frame: ByteBuffer?

    init(_ list: SourceList, encoder: PieceEncoder) {
        var json = JSONWriter()
        for source in list.strings { json.string(source) }
        text = json.take()
        frame = text.readableBytes > Self.shortestPiece ? encoder.compress(text) : nil
    }

    static func == (lhs: SourceText, rhs: SourceText) -> Bool {
        lhs === rhs || lhs.text == rhs.text
    }

    /// In bytes.
    private static let shortestPiece = 1024
}

/// The lists of sources that were encoded.
struct SourceTexts {
    /// With more lists than this the table starts anew; those in use stay with their filters.
    private static let limit = 16_384

    private var texts: [SourceListKey: SourceText] = [:]

    mutating func text(of list: SourceList, encoder: PieceEncoder) -> SourceText {
        let key = SourceListKey(list: list)
        if let text = texts[key] { return text }
        if texts.count >= Self.limit { texts = [:] }
        let text = SourceText(list, encoder: encoder)
        texts[key] = text
        return text
    }
}
