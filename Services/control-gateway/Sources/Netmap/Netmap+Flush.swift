import ControlModel
package import Foundation
import NIOCore
import PolicyLanguage
import TailcfgWire

extension Netmap {
    /// Compares what is pending with what was published, publishes it, and makes a batch for each class with news.
    ///
    /// A change that was undone, or that nobody can see, leaves no trace.
    package mutating func flush(now: Date) -> Flushed {
        for number in idleClasses { dropIfEmpty(number) }
        var work = FlushWork(now: now)
        renewPolicy(&work)
        renewProfiles(&work)
        let candidates = work.isReplaced ? Set(published.keys).union(replica.nodes.keys) : pending.union(work.dirty)
        for id in candidates.sorted() { publish(id, &work) }
        work.changed = Set(work.before.keys).union(work.dirty).union(work.routers).sorted()
        removeGoneViewers(&work)
        regroup(&work)
        renewSections(&work)
        for number in viewerClasses.keys.sorted() where !work.made.contains(number) { renewView(of: number, &work) }
        for number in work.made { fill(number) }
        renewOwn(&work)
        pending = []
        pendingUsers = []
        pendingSections = []
        return makeBatches(&work)
    }

    private mutating func renewProfiles(_ work: inout FlushWork) {
        for id in pendingUsers {
            let profile = replica.users[id].map(WireUserProfile.init)
            guard profiles[id.rawValue] != profile else { continue }
            profiles[id.rawValue] = profile
            if profile != nil { work.users.insert(id.rawValue) }
        }
    }

    private mutating func publish(_ id: NodeID, _ work: inout FlushWork) {
        let before = published[id]
        let after = replica.nodes[id].map { node in
            formats.peer(node, in: replica, isWithoutIPv4: engine.isWithoutIPv4(id.rawValue), now: work.now)
        }
        if case .none = PeerDifference(from: before?.form, to: after) { return }
        work.before[id] = .some(before)
        published[id] = after.map(Published.init)
    }

    private mutating func removeGoneViewers(_ work: inout FlushWork) {
        for id in pending where replica.nodes[id] == nil {
            guard let viewer = viewers[id] else { continue }
            removeViewer(id)
            // Clients whose key has ended ask their user to log in; of a stream that merely ends they think nothing.
            var own = viewer.own
            (own.keyExpiry, own.isExpired) = (work.now.addingTimeInterval(-1), true)
            work.farewells[viewer.stream] = MapText.ownNode(own)
        }
    }

    private mutating func renewSections(_ work: inout FlushWork) {
        if pendingSections.contains(.derpMap) { renewRelays(&work) }
        if pendingSections.contains(.dns) { work.sections.append(MapText.dns(replica.dns, formats: formats)) }
        guard !pendingSections.isEmpty || work.isReplaced else { return }
        for number in viewerClasses.keys { viewerClasses[number]?.sections = [:] }
    }

    /// Tells all viewers of relays, or those apart that are told something else.
    private mutating func renewRelays(_ work: inout FlushWork) {
        defer { toldRelays = replica.relays }
        guard replica.relays != toldRelays else { return }
        if replica.relays.go != toldRelays.go { work.relays = MapText.relays(replica.relays.go) }
        guard work.relays == nil || !replica.relays.isSame else { return }
        let text = MapText.relays(replica.relays.other)
        for id in viewers.keys where replica.nodes[id].map({ ClientKind($0.hostinfo) }) == .other {
            work.own[id, default: OwnNews()].relays = text
        }
    }

    /// Tells a class what changed for it.
    private mutating func renewView(of number: Int, _ work: inout FlushWork) {
        // Taken out meanwhile, so that it is changed in place.
        guard viewerClasses[number]?.isEmpty == false, var group = viewerClasses.removeValue(forKey: number) else {
            return
        }
        defer { viewerClasses[number] = group }
        var delta = ViewDelta()
        if let sight = group.sight, let unit = group.unit {
            var ids = work.changed
            var seen: Set<NodeID>?
            if work.isReplaced {
                let now = engine.nodes(in: sight).compactMap(NodeID.init)
                seen = Set(now)
                ids = Set(group.told.peers.ids).union(now).sorted()
            }
            for id in ids {
                let isSeen = seen?.contains(id) ?? engine.sees(sight, id.rawValue)
                // Whoever is not different for the policy was not seen before either.
                guard isSeen || seen != nil || work.dirty.contains(id) else { continue }
                let after = isSeen && published[id] != nil ? variant(of: id, for: unit, sight) : nil
                let step = PeerStep(id: id, before: group.told.variant(of: id), after: after)
                tell(step, to: &group, &delta, &work)
            }
        }
        delta.users.formUnion(work.users.filter { group.told.nodeCounts[$0] != nil })
        if !delta.users.isEmpty { group.sections = [:] }
        if !delta.isEmpty { work.deltas[number] = delta }
    }

    private mutating func tell(
        _ step: PeerStep,
        to group: inout ViewerClass,
        _ delta: inout ViewDelta,
        _ work: inout FlushWork
    ) {
        let news = news(of: step, &work)
        if case .none = news { return }
        let former = step.before == nil ? nil : formBefore(step.id, work)?.form.user
        let user = step.after == nil ? nil : published[step.id]?.form.user
        group.told.set(step.id, to: step.after)
        if group.told.count(user, insteadOf: former), let user { delta.users.insert(user) }
        if let former, group.told.nodeCounts[former] == nil { group.sections = [:] }
        delta.add(step, news)
    }

    /// What has to be said about a peer; made once for all who see the same two forms.
    mutating func news(of step: PeerStep, _ work: inout FlushWork) -> PeerNews {
        if step.before == step.after, work.before[step.id] == nil { return .none }
        if let known = work.news[step] { return known }
        if let after = step.after { published[step.id]?.prepare(after) }
        let difference = PeerDifference(
            from: step.before.flatMap { form in formBefore(step.id, work)?.form(form) },
            to: step.after.flatMap { published[step.id]?.form($0) }
        )
        let news: PeerNews =
            switch difference {
            case .none: .none
            case .removed: .removed
            case .changed: .changed(step.after.flatMap { published[step.id]?.text($0) } ?? ByteBuffer())
            case .patched(let change): .patched(MapText.patch(change))
            }
        work.news[step] = news
        return news
    }

    private func formBefore(_ id: NodeID, _ work: FlushWork) -> Published? {
        if let before = work.before[id] { return before }
        return published[id]
    }
}
