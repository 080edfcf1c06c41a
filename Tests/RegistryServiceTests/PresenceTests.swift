import ControlModel
import TestKit
import Testing

@testable import RegistryService

@Suite("Presence")
struct PresenceTests {
    private let a = NodeID.fixture(1)
    private let b = NodeID.fixture(2)

    private func presence(online: [NodeID] = []) -> Presence {
        Presence(limits: .init(grace: .seconds(10), lease: .seconds(30), gateways: 2), online: online, at: .zero)
    }

    @Test("a connected node is online at once, and only once")
    func connects() {
        var presence = presence()
        #expect(presence.report("g", [a, b], at: 0) == .init(wantsComplete: true, actions: [.online(a), .online(b)]))
        #expect(presence.report("g", [a], at: 1) == .init(wantsComplete: false, actions: []))
    }

    @Test("a short reconnect is not seen; a long one is")
    func reconnects() {
        var presence = presence()
        _ = presence.report("g", [a], at: 0)
        #expect(presence.report("g", gone: [a], at: 5)?.actions == [])
        #expect(presence.tick(at: .seconds(14)) == [])
        #expect(presence.report("g", [a], at: 14)?.actions == [])
        #expect(presence.tick(at: .seconds(20)) == [])
        _ = presence.report("g", gone: [a], at: 20)
        #expect(presence.tick(at: .seconds(30)) == [.offline(a, since: .seconds(20))])
        #expect(presence.tick(at: .seconds(31)) == [])
        #expect(presence.report("g", [a], at: 32)?.actions == [.online(a)])
    }

    @Test("a node that moves to another gateway stays online")
    func moves() {
        var presence = presence()
        _ = presence.report("g", [a], at: 0)
        #expect(presence.report("h", [a], at: 1)?.actions == [])
        _ = presence.report("g", gone: [a], at: 2)
        #expect(presence.tick(at: .seconds(20)) == [])
        _ = presence.report("h", gone: [a], at: 20)
        #expect(presence.tick(at: .seconds(30)) == [.offline(a, since: .seconds(20))])
    }

    @Test("a gateway whose lease ends lets go of all, from its last report on")
    func lease() {
        var presence = presence()
        _ = presence.report("g", [a], at: 0)
        _ = presence.report("h", [b], at: 0)
        _ = presence.report("h", [], at: 20)
        #expect(presence.tick(at: .seconds(29)) == [])
        #expect(presence.tick(at: .seconds(30)) == [.offline(a, since: .zero)])
        #expect(presence.report("g", [], at: 31)?.wantsComplete == true)
    }

    @Test("a complete report replaces what was known")
    func complete() {
        var presence = presence()
        _ = presence.report("g", [a], at: 0)
        #expect(presence.report("g", [b], complete: true, at: 1) == .init(wantsComplete: false, actions: [.online(b)]))
        #expect(presence.tick(at: .seconds(11)) == [.offline(a, since: .seconds(1))])
    }

    @Test("who was online before a restart has a lease and the grace to come back")
    func restart() {
        var presence = presence(online: [a, b])
        #expect(presence.report("g", [a], complete: true, at: 20)?.actions == [])
        _ = presence.report("g", [], at: 39)
        #expect(presence.tick(at: .seconds(39)) == [])
        #expect(presence.tick(at: .seconds(40)) == [.offline(b, since: .zero)])
    }

    @Test("a disconnect that nobody knew is nothing, and too many gateways are not taken")
    func oddities() {
        var presence = presence()
        #expect(presence.report("g", gone: [a], at: 0)?.actions == [])
        #expect(presence.tick(at: .seconds(20)) == [])
        _ = presence.report("h", [], at: 20)
        #expect(presence.report("i", [a], at: 20) == nil)
    }
}

extension Presence {
    fileprivate mutating func report(
        _ gateway: String,
        _ connected: [NodeID] = [],
        gone: [NodeID] = [],
        complete: Bool = false,
        at seconds: Int
    ) -> Outcome? {
        report(
            gateway: gateway,
            connected: connected,
            disconnected: gone,
            isComplete: complete,
            at: .seconds(seconds)
        )
    }
}
