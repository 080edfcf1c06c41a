import ControlModel
import Storage
import TestKit
import Testing

@testable import RegistryService

@Suite("Presence watch")
struct PresenceWatchTests {
    private let a = NodeID.fixture(1)
    private let limits = PresenceWatch.Limits(grace: .seconds(10), lease: .seconds(30), patience: .seconds(5))

    /// Looks once a second from one moment to another at the same survey; what was over, and when first.
    private func watch(
        _ watch: inout PresenceWatch,
        _ survey: PresenceSurvey,
        from: Int,
        through: Int
    ) -> (second: Int, ends: PresenceWatch.Ends)? {
        for second in from...through {
            let ends = watch.look(at: survey, now: .seconds(second))
            if ends != .init() { return (second, ends) }
        }
        return nil
    }

    @Test("a lease ends when the beat was the same for its length, a grace with the mark")
    func ends() throws {
        var watch = PresenceWatch(limits: limits)
        #expect(self.watch(&watch, PresenceSurvey(), from: 0, through: 10) == nil)
        var survey = PresenceSurvey(gateways: ["g": 1], leaving: [a: 7])
        let grace = try #require(self.watch(&watch, survey, from: 11, through: 60))
        #expect(grace.second == 21)
        #expect(grace.ends == .init(graces: [.init(node: a, mark: 7, since: .seconds(11))]))
        survey.leaving = [:]
        let lease = try #require(self.watch(&watch, survey, from: 22, through: 60))
        #expect(lease.second == 41)
        #expect(lease.ends == .init(leases: [.init(gateway: "g", beat: 1, since: .seconds(11))]))
        // As long as it is there: the write may have failed.
        #expect(watch.look(at: survey, now: .seconds(42)) == lease.ends)
        #expect(watch.look(at: PresenceSurvey(), now: .seconds(43)) == .init())
    }

    @Test("another beat or mark starts anew, and so does one that was gone")
    func renewal() {
        var watch = PresenceWatch(limits: limits)
        _ = watch.look(at: PresenceSurvey(), now: .zero)
        for second in 1...200 {
            let survey = PresenceSurvey(
                gateways: ["g": Int64(second / 29)],
                leaving: second.isMultiple(of: 9) ? [:] : [a: Int64(second / 9)]
            )
            #expect(watch.look(at: survey, now: .seconds(second)) == .init(), "second \(second)")
        }
    }

    @Test("what is there at the first look has a lease and the grace")
    func firstLook() {
        var watch = PresenceWatch(limits: limits)
        let survey = PresenceSurvey(gateways: ["g": 1], leaving: [a: 7])
        #expect(self.watch(&watch, survey, from: 100, through: 200)?.second == 140)
    }

    @Test("a look that is late or failed starts all anew", arguments: [true, false])
    func interruption(isFailure: Bool) {
        var watch = PresenceWatch(limits: limits)
        let survey = PresenceSurvey(gateways: ["g": 1], leaving: [a: 7])
        #expect(self.watch(&watch, survey, from: 0, through: 39) == nil)
        if isFailure { watch.interrupt() }
        let next = isFailure ? 40 : 45
        #expect(self.watch(&watch, survey, from: next, through: 200)?.second == next + 40)
    }
}
