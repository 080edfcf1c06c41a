import ControlModel
import PolicyLanguage

extension Netmap {
    /// Puts viewers who no longer see what their class sees into the class that sees it.
    ///
    /// Sights change only where nodes became different for the policy, classes or routes came, or the policy is new; then a class
    /// goes on with most of its viewers, and the others move.
    mutating func regroup(_ work: inout FlushWork) {
        let displaced = renewUnits(work)
        if work.isRegrouped { renewSights(&work) }
        for (id, unit) in displaced {
            guard let from = viewers[id]?.viewerClass else { continue }
            let target = target(for: unit, &work)
            place(id, unit, in: target)
            if target != from { leave(id, from, for: target, &work) }
        }
    }

    /// Finds viewers that are of another unit now and takes them out of their classes, in order.
    ///
    /// With a new policy all are, and the classes, whose views are compared whole then, keep them.
    private mutating func renewUnits(_ work: FlushWork) -> [(NodeID, ViewerUnit?)] {
        var displaced: [(NodeID, ViewerUnit?)] = []
        let all = work.isReplaced || (work.isRegrouped && engine.hasOwnRules)
        for id in (all ? Set(viewers.keys) : work.dirty).sorted() {
            guard let viewer = viewers[id] else { continue }
            let unit = engine.viewerUnit(of: id.rawValue)
            guard unit != viewer.unit else { continue }
            viewerClasses[viewer.viewerClass]?.remove(id, of: viewer.unit, isCompressed: viewer.isCompressed)
            if work.isReplaced {
                place(id, unit, in: viewer.viewerClass)
            } else {
                displaced.append((id, unit))
            }
        }
        return displaced
    }

    private mutating func renewSights(_ work: inout FlushWork) {
        classNumbers = [:]
        var leaving: [(number: Int, units: [ViewerUnit?])] = []
        for number in viewerClasses.keys.sorted() {
            var bySight: [ViewerSight?: [ViewerUnit?]] = [:]
            for (unit, _) in viewerClasses[number]?.viewers ?? [:] {
                bySight[unit.map(engine.sight), default: []].append(unit)
            }
            let kept = claim(number, bySight)
            for (sight, units) in bySight where kept != .some(sight) { leaving.append((number, units)) }
            guard let kept, let units = bySight[kept] else { continue }
            viewerClasses[number]?.sight = kept
            viewerClasses[number]?.unit = units.compactMap(\.self).min { $0.order < $1.order }
        }
        // In a fixed order, so that equal input makes equal classes.
        leaving.sort {
            ($0.number, first(of: $0.units, in: $0.number)) < ($1.number, first(of: $1.units, in: $1.number))
        }
        for (number, units) in leaving {
            for unit in units {
                let target = target(for: unit, &work)
                for id in (viewerClasses[number]?.viewers[unit] ?? []).sorted() {
                    guard let viewer = viewers[id] else { continue }
                    viewerClasses[number]?.remove(id, of: unit, isCompressed: viewer.isCompressed)
                    place(id, unit, in: target)
                    leave(id, number, for: target, &work)
                }
            }
        }
    }

    /// The class that sees what a unit sees.
    private mutating func target(for unit: ViewerUnit?, _ work: inout FlushWork) -> Int {
        let sight = unit.map(engine.sight)
        if let known = classNumbers[sight] { return known }
        let made = makeClass(sight, unit)
        work.made.insert(made)
        return made
    }

    private mutating func place(_ id: NodeID, _ unit: ViewerUnit?, in number: Int) {
        guard let viewer = viewers[id] else { return }
        viewers[id]?.unit = unit
        viewers[id]?.viewerClass = number
        viewerClasses[number]?.add(id, of: unit, isCompressed: viewer.isCompressed)
    }

    private mutating func leave(_ id: NodeID, _ number: Int, for target: Int, _ work: inout FlushWork) {
        if work.left[number] == nil { work.left[number] = viewerClasses[number]?.told }
        // A viewer may be sent on once more: what it has been told is what its first class was.
        let from = work.moves[id]?.from ?? number
        work.moves[id] = FlushWork.Move(from: from, to: target)
    }

    /// The sight with which a class goes on: that of most of its viewers, unless another class has it.
    private mutating func claim(_ number: Int, _ bySight: [ViewerSight?: [ViewerUnit?]]) -> ViewerSight?? {
        let free = bySight.filter { classNumbers[$0.key] == nil }
        let most = free.max { left, right in
            let (one, other) = (count(left.value, in: number), count(right.value, in: number))
            return (one, first(of: right.value, in: number)) < (other, first(of: left.value, in: number))
        }
        guard let most else { return nil }
        classNumbers[most.key] = number
        return most.key
    }

    private func count(_ units: [ViewerUnit?], in number: Int) -> Int {
        units.reduce(0) { $0 + (viewerClasses[number]?.viewers[$1]?.count ?? 0) }
    }

    private func first(of units: [ViewerUnit?], in number: Int) -> NodeID? {
        units.compactMap { viewerClasses[number]?.viewers[$0]?.min() }.min()
    }
}

extension ViewerUnit {
    fileprivate var order: (Int, Int64) { (classNumber, user ?? 0) }
}

private func < (lhs: (Int, NodeID?), rhs: (Int, NodeID?)) -> Bool {
    (lhs.0, lhs.1?.rawValue ?? 0) < (rhs.0, rhs.1?.rawValue ?? 0)
}
