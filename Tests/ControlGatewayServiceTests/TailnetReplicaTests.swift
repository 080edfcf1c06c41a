import ControlModel
import Keys
import Testing

@testable import ControlGatewayService

@Suite("Replica")
struct TailnetReplicaTests {
    @Test("changes apply once, in order")
    func inOrder() {
        var replica = TailnetReplica()
        let first = replica.apply([Fixture.change(1, Fixture.node(1)), Fixture.change(2, Fixture.node(2))])
        #expect(first.nodes == [Fixture.id(1), Fixture.id(2)])
        #expect(replica.version == 2)
        let again = replica.apply([Fixture.change(2, Fixture.node(2))])
        #expect(again.nodes.isEmpty)
    }

    @Test("a gap stops and names the version to ask from")
    func gap() {
        var replica = TailnetReplica()
        _ = replica.apply([Fixture.change(1, Fixture.node(1))])
        let receipt = replica.apply([Fixture.change(3, Fixture.node(3))])
        #expect(receipt.missingAfter == 1)
        #expect(replica.nodes[Fixture.id(3)] == nil)
        let repaired = replica.apply([Fixture.change(2, Fixture.node(2)), Fixture.change(3, Fixture.node(3))])
        #expect(repaired.missingAfter == nil)
        #expect(replica.version == 3)
    }

    @Test("a row from an answer counts at once, and its event later does nothing")
    func ahead() {
        var replica = TailnetReplica()
        let first = replica.apply(ahead: Fixture.node(1, version: 1))
        #expect(first.nodes == [Fixture.id(1)])
        #expect(replica.version == 0)
        let event = replica.apply([Fixture.change(1, Fixture.node(1))])
        #expect(event.nodes.isEmpty)
        #expect(replica.version == 1)
    }

    @Test("a row from an answer does not bring back a node that was removed after it")
    func noResurrection() {
        var replica = TailnetReplica()
        _ = replica.apply([
            Fixture.change(1, Fixture.node(1)), RegistryChange(version: 2, subject: .nodeRemoved(Fixture.id(1))),
        ])
        let late = replica.apply(ahead: Fixture.node(1, version: 1))
        #expect(late.nodes.isEmpty)
        #expect(replica.nodes.isEmpty)
    }

    @Test("an older row never replaces a newer one")
    func older() {
        var replica = TailnetReplica()
        var newer = Fixture.node(1, version: 9)
        newer.givenName = "newer"
        _ = replica.apply(ahead: newer)
        _ = replica.apply([Fixture.change(1, Fixture.node(1))])
        #expect(replica.nodes[Fixture.id(1)]?.givenName == "newer")
    }

    @Test("a node is found by its current key only")
    func keys() {
        var replica = TailnetReplica()
        _ = replica.apply([Fixture.change(1, Fixture.node(1))])
        var rotated = Fixture.node(1)
        rotated.nodeKey = Fixture.key(77)
        _ = replica.apply([Fixture.change(2, rotated)])
        #expect(replica.node(withKey: Fixture.key(1)) == nil)
        #expect(replica.node(withKey: Fixture.key(77))?.id == Fixture.id(1))
    }

    @Test("a snapshot drops what it does not hold, but nothing newer than itself")
    func snapshot() {
        var replica = TailnetReplica()
        _ = replica.apply([Fixture.change(1, Fixture.node(1)), Fixture.change(2, Fixture.node(2))])
        _ = replica.apply(ahead: Fixture.node(9, version: 50))
        _ = replica.apply(snapshotUsers: [Fixture.user(1)], nodes: [Fixture.node(2, version: 2)])
        let receipt = replica.finishSnapshot(version: 40, users: [Fixture.id(1)], nodes: [Fixture.id(2)])
        #expect(receipt.nodes == [Fixture.id(1)])
        #expect(Set(replica.nodes.keys) == [Fixture.id(2), Fixture.id(9)])
        #expect(replica.version == 40)
    }
}
