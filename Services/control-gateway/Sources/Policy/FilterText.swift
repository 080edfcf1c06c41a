import NIOCore
import PolicyLanguage
import TailcfgWire

/// The packet filter of one node as a JSON member: a filter named `base`, and for each rule with a long list of sources one of
/// its own, so that who joins a large group changes that one alone.
///
/// - Source: `tailcfg.MapResponse.PacketFilters`: a list replaces what has its name, `null` removes it, and `*` all; clients
///   put together what they have in the order of the names, which means nothing, as rules only allow.
struct FilterText: Sendable, Equatable {
    /// `base` first.
    private var filters: [NamedFilter] = []

    init(_ rules: [PacketFilterRule], _ table: inout SourceTexts, encoder: PieceEncoder) {
        var base = JSONWriter()
        base.beginArray()
        var long: [NamedFilter] = []
        var names: [String: Int] = [:]
        for rule in rules {
            let targets = WireFilterRule(targetsOf: rule)
            guard targets.isUseful else { continue }
            let sources = table.text(of: rule.sources, encoder: encoder)
            if sources.frame == nil {
                base.begin(ruleWith: sources.text)
                base.end(ruleWith: targets)
                continue
            }
            let name = rule.origins.first.map { "\($0.section.rawValue)-\($0.index)" } ?? "rule"
            let count = names[name, default: 0] + 1
            names[name] = count
            long.append(NamedFilter(count == 1 ? name : "\(name)-\(count)", sources: sources, targets: targets))
        }
        base.endArray()
        filters = [NamedFilter(name: Self.baseName, head: base.take())] + long
    }

    private static let baseName = "base"

    /// Writes all of it, in the place of whatever the client has.
    func write(to writer: inout PieceWriter) {
        writer.write { $0.writeStaticString("\"PacketFilters\":{\"*\":null") }
        write(filters, to: &writer)
    }

    /// Writes what became different.
    func write(changesSince old: FilterText, to writer: inout PieceWriter) {
        let names = Set(filters.map(\.name))
        let before = Dictionary(old.filters.map { ($0.name, $0) }) { first, _ in first }
        writer.write { text in
            text.writeStaticString("\"PacketFilters\":{")
            var isFirst = true
            for gone in old.filters where !names.contains(gone.name) {
                text.writeString("\(isFirst ? "" : ",")\"\(gone.name)\":null")
                isFirst = false
            }
        }
        write(
            filters.filter { before[$0.name] != $0 },
            after: old.filters.contains { !names.contains($0.name) },
            to: &writer
        )
    }

    private func write(_ filters: [NamedFilter], after isPreceded: Bool = true, to writer: inout PieceWriter) {
        var isPreceded = isPreceded
        for filter in filters {
            if isPreceded { writer.write { $0.writeStaticString(",") } }
            isPreceded = true
            filter.write(to: &writer)
        }
        writer.write { $0.writeStaticString("}") }
    }

    /// What holds without a policy, in the place of whatever the client has.
    static let allowAll: ByteBuffer = {
        var json = JSONWriter()
        json.key("PacketFilters")
        json.beginObject()
        json.key("*")
        json.fragment(ByteBuffer(string: "null"))
        json.key("base")
        json.beginArray()
        json.begin(ruleWith: ByteBuffer(string: "\"*\""))
        json.end(ruleWith: .allowAll)
        json.endArray()
        json.endObject()
        return json.take()
    }()
}

/// One list of rules, which clients know by its name.
struct NamedFilter: Sendable, Equatable {
    let name: String
    /// From the bracket on; to its end, or to where the long list stands.
    private let head: ByteBuffer
    private var sources: SourceText?
    private var tail = ByteBuffer()

    /// A whole list of rules.
    init(name: String, head: ByteBuffer) {
        self.name = name
        self.head = head
    }

    /// A list of one rule, whose sources other nodes have as well.
    init(_ name: String, sources: SourceText, targets: WireFilterRule) {
        self.name = name
        var json = JSONWriter()
        json.beginArray()
        json.begin(ruleWith: nil)
        head = json.take()
        json.end(ruleWith: targets)
        json.endArray()
        tail = json.take()
        self.sources = sources
    }

    func write(to writer: inout PieceWriter) {
        writer.write { text in
            text.writeString("\"\(name)\":")
            text.writeImmutableBuffer(head)
        }
        guard let sources else { return }
        writer.append(EncodedPiece(text: sources.text, frame: sources.frame ?? ByteBuffer()))
        writer.write { $0.writeImmutableBuffer(tail) }
    }
}

extension JSONWriter {
    /// Begins a rule, up to the end of its sources, or to where they are to stand.
    fileprivate mutating func begin(ruleWith sources: ByteBuffer?) {
        beginObject()
        key("SrcIPs")
        beginArray()
        if let sources { fragment(sources) }
    }

    fileprivate mutating func end(ruleWith targets: WireFilterRule) {
        endArray()
        filterTargetFields(of: targets)
        endObject()
    }
}
