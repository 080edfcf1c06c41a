import Testing

@testable import swiftscale

@Suite("readiness log")
struct ReadinessLogTests {
    private typealias Line = ReadinessLog.Decision.Line

    @Test("ready is said at once, and once")
    func ready() {
        var decision = ReadinessLog.Decision()
        #expect(decision.line(failing: [], at: .zero) == .ready)
        #expect(decision.line(failing: [], at: .seconds(100)) == nil)
    }

    @Test("waiting is said after a second, again when something else is waited for, and every half minute")
    func waiting() {
        var decision = ReadinessLog.Decision()
        #expect(decision.line(failing: ["bus"], at: .zero) == nil)
        #expect(decision.line(failing: ["bus"], at: .seconds(1)) == .waiting(["bus"]))
        #expect(decision.line(failing: ["bus"], at: .seconds(2)) == nil)
        #expect(decision.line(failing: ["bus", "database"], at: .seconds(3)) == nil)
        #expect(decision.line(failing: ["bus", "database"], at: .seconds(4)) == .waiting(["bus", "database"]))
        #expect(decision.line(failing: ["bus", "database"], at: .seconds(33)) == nil)
        #expect(decision.line(failing: ["bus", "database"], at: .seconds(34)) == .waiting(["bus", "database"]))
        #expect(decision.line(failing: [], at: .seconds(35)) == .ready)
    }

    @Test("what lasts shorter than a second is not worth a line")
    func short() {
        var decision = ReadinessLog.Decision()
        #expect(decision.line(failing: [], at: .zero) == .ready)
        #expect(decision.line(failing: ["bus"], at: .seconds(5)) == nil)
        #expect(decision.line(failing: [], at: .seconds(5.9)) == nil)
    }
}
