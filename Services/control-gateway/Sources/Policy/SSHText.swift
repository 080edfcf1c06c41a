import NIOCore
import PolicyLanguage
import TailcfgWire

/// The SSH policy of the nodes of a unit as a JSON member.
final class SSHText: Sendable, Equatable {
    private let piece: EncodedPiece
    private let isLong: Bool

    init(_ rules: [WireSSHRule], encoder: PieceEncoder) {
        var json = JSONWriter()
        json.sshPolicyField(rules)
        let text = json.take()
        isLong = text.readableBytes > Self.shortestPiece
        piece = isLong ? encoder.encode(text) : EncodedPiece(text: text, frame: ByteBuffer())
    }

    func write(to writer: inout PieceWriter) {
        if isLong { writer.append(piece) } else { writer.write { $0.writeImmutableBuffer(piece.text) } }
    }

    static func == (lhs: SSHText, rhs: SSHText) -> Bool {
        lhs === rhs || lhs.piece.text == rhs.piece.text
    }

    /// In bytes.
    private static let shortestPiece = 1024
}

/// The SSH policies that were encoded, by unit.
struct SSHTexts {
    /// With more units than this the table starts anew.
    private static let limit = 16_384

    private var texts: [ViewerUnit: SSHText] = [:]
    /// For nodes that no rule lets anybody into.
    private let none: SSHText

    init(encoder: PieceEncoder) {
        none = SSHText([], encoder: encoder)
    }

    mutating func text(of node: Int64, in engine: PolicyEngine, encoder: PieceEncoder) -> SSHText {
        guard let unit = engine.sshUnit(of: node) else { return none }
        if let text = texts[unit] { return text }
        if texts.count >= Self.limit { texts = [:] }
        let rules = engine.sshPolicy(of: node)
        let text = rules.isEmpty ? none : SSHText(rules.map(WireSSHRule.init), encoder: encoder)
        texts[unit] = text
        return text
    }

    /// Forgets what a change may have made wrong; returns the classes of the nodes it was for.
    mutating func renew(after change: PolicyChange, in engine: PolicyEngine) -> Set<Int> {
        guard change.hasSSHChanges else { return [] }
        let renewed = texts.keys.filter { engine.renewsSSH(change, of: $0) }
        for unit in renewed { texts[unit] = nil }
        return Set(renewed.map(\.classNumber))
    }

    mutating func forgetAll() {
        texts = [:]
    }
}
