import ControlModel
import PolicyLanguage

/// Viewers that see the same: they share a log, chunks of peers and the common sections.
///
/// It is made when its first viewer opens a stream, and dropped with its last.
struct ViewerClass {
    let log = ClassLog()
    /// What they see; `nil` for nodes that the policy engine does not know yet, which see nothing.
    var sight: ViewerSight?
    /// One of the units that have this sight.
    var unit: ViewerUnit?
    var told = ToldView()
    /// The sections of a full map, made when first needed after a change; the list of profiles in it is left open.
    var sections: [ClientKind: EncodedPiece] = [:]
    private(set) var viewers: [ViewerUnit?: Set<NodeID>] = [:]
    /// Viewers with and without compression.
    private var formCounts: (frames: Int, text: Int) = (0, 0)

    init(_ sight: ViewerSight?, _ unit: ViewerUnit?) {
        self.sight = sight
        self.unit = unit
    }

    var isEmpty: Bool { viewers.isEmpty }

    func count(isCompressed: Bool) -> Int { isCompressed ? formCounts.frames : formCounts.text }

    mutating func add(_ id: NodeID, of unit: ViewerUnit?, isCompressed: Bool) {
        viewers[unit, default: []].insert(id)
        if isCompressed { formCounts.frames += 1 } else { formCounts.text += 1 }
    }

    mutating func remove(_ id: NodeID, of unit: ViewerUnit?, isCompressed: Bool) {
        guard viewers[unit]?.remove(id) != nil else { return }
        if viewers[unit]?.isEmpty == true { viewers[unit] = nil }
        if isCompressed { formCounts.frames -= 1 } else { formCounts.text -= 1 }
    }
}
