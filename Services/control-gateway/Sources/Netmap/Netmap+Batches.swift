import ControlModel
import NIOCore
import PolicyLanguage
import TailcfgWire

/// Streams that have no place any more, and a batch for each class with news.
package struct Flushed {
    /// By class, in order; a class without viewers has none.
    var batches: [Int: DeltaBatch] = [:]
    /// What each stream that has no place any more says before it ends.
    var farewells: [UInt64: ByteBuffer] = [:]
    var endedStreams: [UInt64] { farewells.keys.sorted() }

    /// The batch, where there is one class of viewers.
    package var batch: DeltaBatch? { batches.count == 1 ? batches.first?.value : nil }
    package var isEmpty: Bool { batches.isEmpty }
}

extension Netmap {
    /// With more news than this about peers a viewer that moves gets a full map, whose peers are there already.
    private static let longestTransition = 256

    /// What makes the shared payloads of two classes equal.
    private struct Content: Hashable {
        var steps: [PeerStep]
        var profiles: [Int64]
    }

    /// Payloads that classes share, and differences between classes that viewers share.
    private struct Shared {
        var payloads: [Bool: [Content: MapPayload]] = [:]
        var transitions: [FlushWork.Move: ViewDelta] = [:]
    }

    mutating func makeBatches(_ work: inout FlushWork) -> Flushed {
        var flushed = Flushed(farewells: work.farewells)
        var shared = Shared()
        var own: [Int: [NodeID]] = [:]
        for id in work.own.keys where work.moves[id] == nil {
            if let number = viewers[id]?.viewerClass { own[number, default: []].append(id) }
        }
        let numbers = work.isForAll ? Set(viewerClasses.keys) : Set(work.deltas.keys).union(own.keys)
        for number in numbers {
            if let batch = makeBatch(of: number, own[number] ?? [], &work, &shared) { flushed.batches[number] = batch }
        }
        let left = Set(work.moves.values.map(\.from))
        for (id, move) in work.moves {
            guard let viewer = viewers[id], let target = viewerClasses[move.to] else { continue }
            let hasBatch = flushed.batches[move.to] != nil || left.contains(move.to)
            flushed.batches[move.from, default: DeltaBatch()].redirects[id] = MapCursor(
                log: target.log,
                position: target.log.end + (hasBatch ? 1 : 0)
            )
            let payload = transition(of: id, viewer, move, &work, &shared)
            flushed.batches[move.from, default: DeltaBatch()].own[id] = payload
        }
        for (number, batch) in flushed.batches { viewerClasses[number]?.log.append(batch) }
        for number in left { dropIfEmpty(number) }
        return flushed
    }

    private mutating func makeBatch(
        of number: Int,
        _ own: [NodeID],
        _ work: inout FlushWork,
        _ shared: inout Shared
    ) -> DeltaBatch? {
        guard !work.made.contains(number), let group = viewerClasses[number], !group.isEmpty else { return nil }
        var delta = work.deltas[number] ?? ViewDelta()
        let isForAll = !delta.isEmpty || work.isForAll
        var subjects = Set(delta.subjects).filter { viewers[$0]?.viewerClass == number && work.moves[$0] == nil }
        subjects.formUnion(own)
        guard isForAll || !subjects.isEmpty else { return nil }
        var batch = DeltaBatch()
        if isForAll {
            let content = Content(steps: delta.steps, profiles: delta.users.sorted())
            for isCompressed in [true, false] where hasOthers(than: subjects, group, isCompressed: isCompressed) {
                let known = shared.payloads[isCompressed]?[content]
                let payload = known ?? payload(&delta, work, for: nil, isCompressed: isCompressed)
                shared.payloads[isCompressed, default: [:]][content] = payload
                if isCompressed { batch.sharedFrames = payload } else { batch.sharedText = payload }
            }
        }
        for id in subjects {
            guard let viewer = viewers[id] else { continue }
            batch.own[id] = payload(&delta, work, for: id, isCompressed: viewer.isCompressed)
        }
        return batch
    }

    private func hasOthers(than subjects: Set<NodeID>, _ group: ViewerClass, isCompressed: Bool) -> Bool {
        let count = group.count(isCompressed: isCompressed)
        return count > 0 && count > subjects.count { viewers[$0]?.isCompressed == isCompressed }
    }

    private func payload(
        _ delta: inout ViewDelta,
        _ work: FlushWork,
        for viewer: NodeID?,
        isCompressed: Bool
    ) -> MapPayload {
        var message = MessageWriter(encoder: encoder, isCompressed: isCompressed)
        let own = viewer.flatMap { work.own[$0] }
        if let node = own?.node {
            message.begin("\"Node\":")
            message.writer.write { $0.writeImmutableBuffer(node) }
        }
        if let filter = own?.filter {
            message.begin("")
            filter.write(to: &message.writer)
        }
        if let ssh = own?.ssh {
            message.begin("")
            ssh.write(to: &message.writer)
        }
        for section in work.sections { message.member(section) }
        if let relays = own?.relays ?? work.relays { message.member(relays) }
        var news = delta.users.compactMap { profiles[$0] }
        if let profile = own?.profile, !delta.users.contains(profile.id) { news.append(profile) }
        if !news.isEmpty { message.member(MapText.profiles(news.sorted { $0.id < $1.id })) }
        delta.write(to: &message, excluding: viewer, encoder: encoder)
        return message.finish()
    }

    /// What a viewer hears that moves to another class.
    private mutating func transition(
        of id: NodeID,
        _ viewer: Viewer,
        _ move: FlushWork.Move,
        _ work: inout FlushWork,
        _ shared: inout Shared
    ) -> MapPayload {
        var delta = shared.transitions[move] ?? difference(move, &work)
        defer { shared.transitions[move] = delta }
        if delta.subjects.count > Self.longestTransition, hasPeers(besides: id, in: move.to),
            let node = replica.nodes[id]
        {
            return fullMap(for: node, isCompressed: viewer.isCompressed, now: work.now)
        }
        return payload(&delta, work, for: id, isCompressed: viewer.isCompressed)
    }

    private mutating func difference(_ move: FlushWork.Move, _ work: inout FlushWork) -> ViewDelta {
        var delta = ViewDelta()
        guard let before = work.left[move.from], let after = viewerClasses[move.to]?.told else { return delta }
        for id in Set(before.peers.ids).union(after.peers.ids).sorted() {
            let step = PeerStep(id: id, before: before.variant(of: id), after: after.variant(of: id))
            delta.add(step, news(of: step, &work))
        }
        let known = work.users
        delta.users = Set(after.nodeCounts.keys.filter { before.nodeCounts[$0] == nil || known.contains($0) })
        return delta
    }
}
