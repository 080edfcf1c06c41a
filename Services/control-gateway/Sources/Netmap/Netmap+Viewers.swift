package import ControlModel
package import Foundation
import NIOCore
import PolicyLanguage
import TailcfgWire

extension Netmap {
    /// Gives a node a stream, in place of the one it had.
    package mutating func addViewer(_ node: Node, stream: UInt64, isCompressed: Bool, now: Date) {
        let unit = engine.viewerUnit(of: node.id.rawValue)
        let number = classNumber(of: unit)
        let viewer = Viewer(
            stream: stream,
            isCompressed: isCompressed,
            viewerClass: number,
            unit: unit,
            own: ownForm(node, now: now),
            filter: filterText(of: node.id),
            ssh: sshText(of: node.id)
        )
        let former = viewers.updateValue(viewer, forKey: node.id)
        if let former { detach(node.id, former) }
        viewerClasses[number]?.add(node.id, of: unit, isCompressed: isCompressed)
        idleClasses.remove(number)
        // Only now, so that a class whose only viewer comes back is kept.
        if let former { dropIfEmpty(former.viewerClass) }
    }

    /// Where a viewer starts to read that has everything up to now.
    package func cursor(of id: NodeID) -> MapCursor? {
        guard let viewer = viewers[id], let log = viewerClasses[viewer.viewerClass]?.log else { return nil }
        return MapCursor(log: log, position: log.end)
    }

    package mutating func removeViewer(_ id: NodeID) {
        guard let viewer = viewers.removeValue(forKey: id) else { return }
        detach(id, viewer)
        dropIfEmpty(viewer.viewerClass)
    }

    private mutating func detach(_ id: NodeID, _ viewer: Viewer) {
        viewerClasses[viewer.viewerClass]?.remove(id, of: viewer.unit, isCompressed: viewer.isCompressed)
    }

    mutating func dropIfEmpty(_ number: Int) {
        guard let group = viewerClasses[number], group.isEmpty else { return }
        viewerClasses[number] = nil
        idleClasses.remove(number)
        if classNumbers[group.sight] == number { classNumbers[group.sight] = nil }
    }

    /// The class in which a unit's viewers are; made where there is none.
    mutating func classNumber(of unit: ViewerUnit?) -> Int {
        let sight = unit.map(engine.sight)
        if let number = classNumbers[sight] { return number }
        let number = makeClass(sight, unit)
        idleClasses.insert(number)
        fill(number)
        return number
    }

    mutating func makeClass(_ sight: ViewerSight?, _ unit: ViewerUnit?) -> Int {
        lastClassNumber += 1
        viewerClasses[lastClassNumber] = ViewerClass(sight, unit)
        classNumbers[sight] = lastClassNumber
        return lastClassNumber
    }

    /// Lets a new class see what is published.
    mutating func fill(_ number: Int) {
        guard let sight = viewerClasses[number]?.sight, let unit = viewerClasses[number]?.unit else { return }
        let ids = engine.nodes(in: sight).compactMap(NodeID.init).filter { published[$0] != nil }
        var told = ToldView()
        told.peers = ChunkedPeers(sorted: ids)
        for id in ids {
            _ = told.count(published[id]?.form.user, insteadOf: nil)
            let variant = variant(of: id, for: unit, sight)
            guard variant != .plain else { continue }
            told.set(id, to: variant)
            published[id]?.prepare(variant)
        }
        viewerClasses[number]?.told = told
    }

    /// The form in which a class sees a node.
    func variant(of id: NodeID, for unit: ViewerUnit, _ sight: ViewerSight) -> PeerVariant {
        var variant = PeerVariant.plain
        if engine.isRouter(id.rawValue) { variant.routes = engine.routes(of: id.rawValue, for: unit) }
        if sight.lacksIPv4 { variant.lacksIPv4 = true }
        return variant
    }

    func ownForm(_ node: Node, now: Date) -> WireNode {
        formats.own(
            node,
            in: replica,
            view: engine.selfView(of: node.id.rawValue),
            isPolicyInForce: isPolicyInForce,
            now: now
        )
    }

    mutating func filterText(of id: NodeID) -> FilterText? {
        guard isPolicyInForce else { return nil }
        return FilterText(engine.packetFilter(of: id.rawValue), &sourceTexts, encoder: encoder)
    }

    mutating func sshText(of id: NodeID) -> SSHText? {
        guard hasHadPolicy else { return nil }
        return sshTexts.text(of: id.rawValue, in: engine, encoder: encoder)
    }
}
