import ControlModel
import Foundation
import NIOCore
import PolicyLanguage
import TailcfgWire

/// What one flush finds out on its way.
struct FlushWork {
    let now: Date
    /// What the policy engine changed.
    var change = PolicyChange()
    /// Nodes that joined, left or are different for the policy.
    var dirty: Set<NodeID> = []
    /// Nodes whose routes others may use than before.
    var routers: Set<NodeID> = []
    var filters: PolicyEngine.FilterRenewal?
    /// Whether there is a new policy.
    var isReplaced = false
    /// Whether sights must be compared anew.
    var isRegrouped = false
    /// Forms as they were, of nodes with news; `nil` for those that are new.
    var before: [NodeID: Published?] = [:]
    /// Nodes with another form, or that others may see now.
    var changed: [NodeID] = []
    /// What has to be said about a peer, by its forms before and after.
    var news: [PeerStep: PeerNews] = [:]
    /// Users whose profile is new or different.
    var users: Set<Int64> = []
    /// Members of changed sections.
    var sections: [ByteBuffer] = []
    /// The member about relays, for those who are not told of others.
    var relays: ByteBuffer?
    /// Whether there is something to say to everybody.
    var isForAll: Bool { relays != nil || !sections.isEmpty }
    /// Viewers that change their class.
    var moves: [NodeID: Move] = [:]
    /// What the classes that viewers leave had been told.
    var left: [Int: ToldView] = [:]
    /// Classes made in this flush.
    var made: Set<Int> = []
    var deltas: [Int: ViewDelta] = [:]
    var own: [NodeID: OwnNews] = [:]
    /// What streams of nodes that are gone say before they end.
    var farewells: [UInt64: ByteBuffer] = [:]

    struct Move: Hashable {
        var from: Int
        var to: Int
    }

    init(now: Date) {
        self.now = now
    }
}

/// A peer's form before and after, for some viewers; `nil` where it is not seen.
struct PeerStep: Hashable {
    var id: NodeID
    var before: PeerVariant?
    var after: PeerVariant?
}

/// What has to be said about a peer, as JSON.
enum PeerNews {
    case none
    case removed
    case changed(ByteBuffer)
    case patched(ByteBuffer)
}

/// What a node is told about itself.
struct OwnNews {
    var node: ByteBuffer?
    var filter: FilterNews?
    var ssh: SSHText?
    var profile: WireUserProfile?
    /// The relays, where it is told of others than the rest.
    var relays: ByteBuffer?
}

/// What became of a node's packet filter.
struct FilterNews {
    /// As the node was told before; `nil`: what holds without a policy.
    var before: FilterText?
    var after: FilterText?

    func write(to writer: inout PieceWriter) {
        switch (before, after) {
        case (let before?, let after?): after.write(changesSince: before, to: &writer)
        case (nil, let after?): after.write(to: &writer)
        case (_, nil): writer.write { $0.writeImmutableBuffer(FilterText.allowAll) }
        }
    }
}

/// The difference between two views.
struct ViewDelta {
    private(set) var changed = DeltaList()
    private(set) var patched = DeltaList()
    private(set) var removed: [NodeID] = []
    /// The steps it is made of: equal steps in one flush make equal bytes.
    private(set) var steps: [PeerStep] = []
    /// Users whose profiles are new to the viewers.
    var users: Set<Int64> = []

    var isEmpty: Bool { steps.isEmpty && users.isEmpty }

    /// The peers it is about.
    var subjects: [NodeID] { steps.map(\.id) }

    mutating func add(_ step: PeerStep, _ news: PeerNews) {
        switch news {
        case .none: return
        case .removed: removed.append(step.id)
        case .changed(let text): changed.append(step.id, text)
        case .patched(let text): patched.append(step.id, text)
        }
        steps.append(step)
    }

    /// Writes the members about peers, without the viewer itself.
    mutating func write(to message: inout MessageWriter, excluding viewer: NodeID?, encoder: PieceEncoder) {
        if changed.count(without: viewer) > 0 {
            message.begin("\"PeersChanged\":[")
            changed.write(to: &message.writer, excluding: viewer, encoder: encoder)
            message.writer.write { $0.writeStaticString("]") }
        }
        let removed = removed.filter { $0 != viewer }
        if !removed.isEmpty {
            message.begin("\"PeersRemoved\":[")
            message.writer.write { $0.writeImmutableBuffer(MapText.identifiers(removed)) }
            message.writer.write { $0.writeStaticString("]") }
        }
        if patched.count(without: viewer) > 0 {
            message.begin("\"PeersChangedPatch\":[")
            patched.write(to: &message.writer, excluding: viewer, encoder: encoder)
            message.writer.write { $0.writeStaticString("]") }
        }
    }
}
