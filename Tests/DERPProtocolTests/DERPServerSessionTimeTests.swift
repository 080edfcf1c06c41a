import DERPProtocol
import NIOCore
import Testing

@Suite("DERP server session: time")
struct DERPServerSessionTimeTests {
    let fixture: HandshakeFixture

    init() throws {
        fixture = try HandshakeFixture()
    }

    @Test("each step of the handshake has ten seconds")
    func handshakeTimeout() throws {
        #expect(fixture.serverSession().deadline == nil)
        var greeted = fixture.greeted()
        #expect(greeted.deadline == fixture.start + .seconds(10))
        #expect(greeted.timerFired(at: fixture.start + .milliseconds(9_999)) == .nothing)
        #expect(greeted.timerFired(at: fixture.start + .seconds(10)) == .close(.handshakeTimeout))

        var session = fixture.greeted()
        _ = session.received(.frame(try fixture.clientInfo()), at: fixture.start + .seconds(9))
        #expect(session.deadline == fixture.start + .seconds(19))
        #expect(session.timerFired(at: fixture.start + .seconds(10)) == .nothing)
        #expect(session.timerFired(at: fixture.start + .seconds(19)) == .close(.handshakeTimeout))
    }

    @Test("an open client hears from the relay every minute")
    func keepAlive() throws {
        var session = try fixture.opened()
        for minute in 1...3 {
            let due = fixture.start + .minutes(Int64(minute))
            #expect(session.deadline == due)
            #expect(session.timerFired(at: due - .milliseconds(1)) == .nothing)
            _ = session.received(.frame(fixture.frame(PongFrame(data: 1))), at: due - .milliseconds(1))
            #expect(session.timerFired(at: due) == .send(KeepAliveFrame().encoded))
        }
    }

    @Test("a client may be silent for ever: it is only told that the relay is there")
    func silence() throws {
        var session = try fixture.opened()
        for minute in 1...30 {
            let due = fixture.start + .minutes(Int64(minute))
            #expect(session.deadline == due)
            #expect(session.timerFired(at: due) == .send(KeepAliveFrame().encoded))
        }
    }
}
