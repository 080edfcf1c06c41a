import ControlModel
package import Foundation
import NIOCore
import TailcfgWire

extension Netmap {
    /// What one tick has to tell.
    private struct Delta {
        var changed = DeltaList()
        var patched = DeltaList()
        var removed: [NodeID] = []
        /// JSON members of changed sections.
        var sections: [ByteBuffer] = []
        /// New views that nodes have of themselves, as JSON.
        var own: [NodeID: ByteBuffer] = [:]

        var isEmpty: Bool {
            changed.isEmpty && patched.isEmpty && removed.isEmpty && sections.isEmpty && own.isEmpty
        }

        /// Viewers for whom the shared payload is not right.
        var subjects: Set<NodeID> { changed.ids.union(patched.ids).union(own.keys) }
    }

    /// Streams that have no place any more, and the batch for all others.
    package struct Flushed {
        package var batch: DeltaBatch?
        var endedStreams: [UInt64] = []
    }

    /// Compares what is pending with what was published, publishes it, and makes one batch for the class.
    ///
    /// A change that was undone, or that nobody can see, leaves no trace.
    package mutating func flush(now: Date) -> Flushed {
        var flushed = Flushed()
        var delta = Delta()
        for id in pending.sorted() {
            publish(id, into: &delta, now: now)
            updateOwn(id, into: &delta, &flushed, now: now)
        }
        pending = []
        writeSections(into: &delta)
        pendingSections = []
        if !delta.isEmpty {
            let batch = makeBatch(&delta)
            viewerClass.log.append(batch)
            flushed.batch = batch
        }
        return flushed
    }

    private mutating func publish(_ id: NodeID, into delta: inout Delta, now: Date) {
        let before = published[id]?.form
        let after = replica.nodes[id].map { formats.peer($0, in: replica, now: now) }
        let difference = PeerDifference(from: before, to: after)
        if case .none = difference { return }
        if let after {
            published[id] = Published(form: after, text: MapText.node(after))
            viewerClass.peers.update(id)
        } else {
            published[id] = nil
            viewerClass.peers.remove(id)
        }
        if before?.user != after?.user { countUsers(before, after) }
        switch difference {
        case .none: break
        case .removed: delta.removed.append(id)
        case .changed: delta.changed.append(id, published[id]?.text ?? ByteBuffer())
        case .patched(let change): delta.patched.append(id, MapText.patch(change))
        }
    }

    private mutating func updateOwn(_ id: NodeID, into delta: inout Delta, _ flushed: inout Flushed, now: Date) {
        guard let viewer = viewers[id] else { return }
        guard let node = replica.nodes[id] else {
            viewers[id] = nil
            flushed.endedStreams.append(viewer.stream)
            return
        }
        let own = formats.own(node, in: replica, now: now)
        guard own != viewer.own else { return }
        viewers[id]?.own = own
        delta.own[id] = MapText.node(own)
    }

    /// Keeps track of who owns nodes: only their profiles are sent.
    private mutating func countUsers(_ before: WireNode?, _ after: WireNode?) {
        if let user = before?.user {
            let count = (nodeCounts[user] ?? 1) - 1
            nodeCounts[user] = count > 0 ? count : nil
        }
        if let user = after?.user {
            nodeCounts[user, default: 0] += 1
            if profiles[user] == nil { pendingSections.insert(.userProfiles) }
        }
    }

    private mutating func writeSections(into delta: inout Delta) {
        if pendingSections.contains(.userProfiles) {
            let current = formats.profiles(of: nodeCounts.keys, in: replica)
            let news = current.values.filter { profiles[$0.id] != $0 }.sorted { $0.id < $1.id }
            if current != profiles { viewerClass.sections = nil }
            profiles = current
            if !news.isEmpty { delta.sections.append(MapText.profiles(news)) }
        }
        for section in pendingSections where section != .userProfiles {
            viewerClass.sections = nil
            delta.sections.append(MapText.section(section, of: replica, formats: formats))
        }
    }

    private func makeBatch(_ delta: inout Delta) -> DeltaBatch {
        var batch = DeltaBatch()
        let subjects = delta.subjects
        if viewers.contains(where: { $0.value.isCompressed && !subjects.contains($0.key) }) {
            batch.sharedFrames = payload(&delta, for: nil, isCompressed: true)
        }
        if viewers.contains(where: { !$0.value.isCompressed && !subjects.contains($0.key) }) {
            batch.sharedText = payload(&delta, for: nil, isCompressed: false)
        }
        for id in subjects {
            guard let viewer = viewers[id] else { continue }
            batch.own[id] = payload(&delta, for: id, isCompressed: viewer.isCompressed)
        }
        return batch
    }

    private func payload(_ delta: inout Delta, for viewer: NodeID?, isCompressed: Bool) -> MapPayload {
        var writer = PieceWriter(encoder: encoder, isCompressed: isCompressed)
        var members = 0
        func begin(_ writer: inout PieceWriter, _ key: StaticString) {
            writer.write { $0.writeStaticString(members == 0 ? "{" : ",") }
            writer.write { $0.writeStaticString(key) }
            members += 1
        }
        if let own = viewer.flatMap({ delta.own[$0] }) {
            begin(&writer, "\"Node\":")
            writer.write { $0.writeImmutableBuffer(own) }
        }
        for section in delta.sections {
            begin(&writer, "")
            writer.write { $0.writeImmutableBuffer(section) }
        }
        if delta.changed.count(without: viewer) > 0 {
            begin(&writer, "\"PeersChanged\":[")
            delta.changed.write(to: &writer, excluding: viewer, encoder: encoder)
            writer.write { $0.writeStaticString("]") }
        }
        if !delta.removed.isEmpty {
            begin(&writer, "\"PeersRemoved\":[")
            writer.write { $0.writeImmutableBuffer(MapText.identifiers(delta.removed)) }
            writer.write { $0.writeStaticString("]") }
        }
        if delta.patched.count(without: viewer) > 0 {
            begin(&writer, "\"PeersChangedPatch\":[")
            delta.patched.write(to: &writer, excluding: viewer, encoder: encoder)
            writer.write { $0.writeStaticString("]") }
        }
        guard members > 0 else { return MapPayload() }
        writer.write { $0.writeStaticString("}") }
        return writer.finish()
    }
}
