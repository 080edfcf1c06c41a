import Bus
import ControlModel
import TestKit
import Testing

@Suite("changes in the order of their versions")
struct ChangeSequenceTests {
    private let start = ContinuousClock.now

    @Test("what follows is given out at once, what is old or repeated never")
    func inOrder() {
        var sequence = ChangeSequence(after: 4)
        #expect(sequence.take(event(3, 4, 5, 6), now: start) == .init(ready: changes(5, 6)))
        #expect(sequence.take(event(5, 6), now: start) == .init())
        #expect(sequence.take(event(6, 7, 7), now: start) == .init(ready: changes(7)))
        #expect(sequence.version == 7)
        #expect(sequence.deadline == nil)
    }

    @Test("events of two registries that come crosswise are given out in order")
    func crosswise() {
        var sequence = ChangeSequence(after: 0)
        #expect(sequence.take(event(2, 4), now: start) == .init())
        #expect(sequence.take(event(6), now: start) == .init())
        #expect(sequence.take(event(1, 3), now: start) == .init(ready: changes(1, 2, 3, 4)))
        #expect(sequence.deadline == start + ChangeSequence.patience)
        #expect(sequence.take(event(5), now: start) == .init(ready: changes(5, 6)))
        #expect(sequence.deadline == nil)
    }

    @Test("every order, with repetitions, gives all changes once and in order")
    func everyOrder() {
        var random = SeededRandom(seed: 7)
        for _ in 1...200 {
            var versions = (1...30).flatMap { [Int64]($0.isMultiple(of: 3) ? [$0, $0] : [$0]) }
            versions.shuffle(using: &random)
            var sequence = ChangeSequence(after: 0)
            var ready: [RegistryChange] = []
            for version in versions { ready += sequence.take(event(version), now: start).ready }
            #expect(ready == (1...30).map { change($0) })
            #expect(sequence.deadline == nil)
        }
    }

    @Test("a missing change is waited for, then asked for, and what was held comes after it")
    func missing() {
        var sequence = ChangeSequence(after: 0)
        let end = start + ChangeSequence.patience
        #expect(sequence.take(event(2, 3), now: start) == .init())
        #expect(sequence.check(now: end - .milliseconds(1)) == .init())
        #expect(sequence.check(now: end) == .init(missingAfter: 0))
        #expect(sequence.take(changes(1), now: end) == .init(ready: changes(1, 2, 3)))
        #expect(sequence.check(now: end + .seconds(60)) == .init())
    }

    @Test("the wait begins anew for another missing change")
    func secondGap() {
        var sequence = ChangeSequence(after: 0)
        _ = sequence.take(event(2, 4), now: start)
        let later = start + .milliseconds(40)
        #expect(sequence.take(event(1), now: later) == .init(ready: changes(1, 2)))
        #expect(sequence.check(now: start + ChangeSequence.patience) == .init())
        #expect(sequence.check(now: later + ChangeSequence.patience) == .init(missingAfter: 2))
    }

    @Test("a version without its changes shows that the last ones are lost")
    func heartbeat() {
        var sequence = ChangeSequence(after: 5)
        #expect(sequence.take(RegistryChanges(changes: [], version: 5), now: start) == .init())
        #expect(sequence.deadline == nil)
        #expect(sequence.take(RegistryChanges(changes: [], version: 7), now: start) == .init())
        let end = start + ChangeSequence.patience
        #expect(sequence.take(RegistryChanges(changes: [], version: 6), now: end) == .init(missingAfter: 5))
        #expect(sequence.take(changes(6, 7), now: end) == .init(ready: changes(6, 7)))
        #expect(sequence.deadline == nil)
    }

    @Test("too many early changes count as a loss at once")
    func limit() {
        var sequence = ChangeSequence(after: 0)
        let early = (2...Int64(ChangeSequence.limit + 2)).map { change($0) }
        #expect(sequence.take(Array(early.dropLast()), now: start).missingAfter == nil)
        #expect(sequence.take(early, now: start).missingAfter == 0)
    }

    @Test("after a snapshot what it shows is passed over and what is newer is kept")
    func snapshot() {
        var sequence = ChangeSequence(after: 0)
        _ = sequence.take(event(3, 5, 9), now: start)
        #expect(sequence.restart(after: 4, now: start) == .init(ready: changes(5)))
        #expect(sequence.version == 5)
        #expect(sequence.restart(after: 2, now: start).ready.isEmpty)
        #expect(sequence.version == 5)
    }

    @Test("what the owner does not have is not asked for again and again")
    func nothing() {
        var sequence = ChangeSequence(after: 3)
        _ = sequence.take(event(9), now: start)
        sequence.nothingIsMissing()
        #expect(sequence.check(now: start + .seconds(60)) == .init())
        #expect(sequence.take(event(4), now: start) == .init(ready: changes(4)))
    }

    private func change(_ version: Int64) -> RegistryChange {
        RegistryChange(version: version, subject: .nodeRemoved(.fixture(version)))
    }

    private func changes(_ versions: Int64...) -> [RegistryChange] { versions.map { change($0) } }

    private func event(_ versions: Int64...) -> RegistryChanges {
        RegistryChanges(changes: versions.map { change($0) })
    }
}
