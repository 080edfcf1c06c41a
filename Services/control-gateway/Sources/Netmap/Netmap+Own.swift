import ControlModel
import PolicyLanguage
import TailcfgWire

extension Netmap {
    /// Finds what viewers have to hear about themselves: their node, their filter, who may log in.
    ///
    /// Only those are looked at whom a change concerns, and only what came out different is told.
    mutating func renewOwn(_ work: inout FlushWork) {
        let everybody = work.isReplaced ? Set(viewers.keys) : nil
        for id in (everybody ?? pending.union(work.dirty).union(work.routers)).sorted() { renewNode(of: id, &work) }
        for user in work.users { renewProfile(of: user, &work) }
        guard hasHadPolicy else { return }
        for id in (everybody ?? viewersWithFilters(renewedIn: work)).sorted() { renewFilter(of: id, &work) }
        let renewed = sshTexts.renew(after: work.change, in: engine)
        for id in (everybody ?? work.dirty.union(viewers(ofClasses: renewed))).sorted() { renewSSH(of: id, &work) }
    }

    private mutating func renewNode(of id: NodeID, _ work: inout FlushWork) {
        guard let viewer = viewers[id], let node = replica.nodes[id] else { return }
        let own = ownForm(node, now: work.now)
        guard own != viewer.own else { return }
        viewers[id]?.own = own
        work.own[id, default: OwnNews()].node = MapText.node(own)
        if own.user != viewer.own.user { tellProfile(of: own.user, to: id, &work) }
    }

    /// Profiles of users whose nodes the class sees are told to all of it; that of the node's own user to it alone.
    private mutating func tellProfile(of user: Int64, to id: NodeID, _ work: inout FlushWork) {
        guard let number = viewers[id]?.viewerClass, viewerClasses[number]?.told.nodeCounts[user] == nil else { return }
        work.own[id, default: OwnNews()].profile = profile(of: user)
    }

    private mutating func renewProfile(of user: Int64, _ work: inout FlushWork) {
        for raw in engine.nodes(ofUser: user) {
            guard let id = NodeID(raw), viewers[id]?.own.user == user else { continue }
            tellProfile(of: user, to: id, &work)
        }
    }

    private mutating func renewFilter(of id: NodeID, _ work: inout FlushWork) {
        guard let viewer = viewers[id] else { return }
        let filter = filterText(of: id)
        guard filter != viewer.filter else { return }
        viewers[id]?.filter = filter
        work.own[id, default: OwnNews()].filter = FilterNews(before: viewer.filter, after: filter)
    }

    private mutating func renewSSH(of id: NodeID, _ work: inout FlushWork) {
        guard let viewer = viewers[id], let ssh = sshText(of: id), ssh != viewer.ssh else { return }
        viewers[id]?.ssh = ssh
        work.own[id, default: OwnNews()].ssh = ssh
    }

    private func viewersWithFilters(renewedIn work: FlushWork) -> Set<NodeID> {
        guard let filters = work.filters, !filters.isEmpty else { return [] }
        var result = work.dirty
        for user in filters.users { result.formUnion(engine.nodes(ofUser: user).compactMap(NodeID.init)) }
        guard filters.hasClasses else { return result }
        for group in viewerClasses.values {
            for case (let unit?, let ids) in group.viewers where filters.contains(classNumber: unit.classNumber) {
                result.formUnion(ids)
            }
        }
        return result
    }

    private func viewers(ofClasses numbers: Set<Int>) -> Set<NodeID> {
        guard !numbers.isEmpty else { return [] }
        var result: Set<NodeID> = []
        for group in viewerClasses.values {
            for case (let unit?, let ids) in group.viewers where numbers.contains(unit.classNumber) {
                result.formUnion(ids)
            }
        }
        return result
    }
}
