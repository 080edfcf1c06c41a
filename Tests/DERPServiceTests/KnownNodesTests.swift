import ControlModel
import Foundation
import Keys
import TestKit
import Testing

@testable import DERPService

@Suite("Known nodes")
struct KnownNodesTests {
    private var known = KnownNodes()

    init() {
        known.replace(with: [node(1, version: 5), node(2, version: 7)], version: 10)
    }

    @Test("before the first snapshot nothing is revoked for being unknown, and changes are a gap")
    func empty() {
        var fresh = KnownNodes()
        #expect(fresh.revoked(among: [.fixture(1)], at: .fixture).isEmpty)
        #expect(fresh.apply([change(1, node(1, version: 1))], at: .fixture) == .gap)
    }

    @Test("a key is known until its expiry")
    func expiry() {
        var known = known
        let end = Date.fixture.addingTimeInterval(60)
        known.replace(with: [node(1, version: 5, expiry: end)], version: 10)
        #expect(known.verdict(.fixture(1), at: end.addingTimeInterval(-1)) == .known)
        #expect(known.verdict(.fixture(1), at: end) == .expired)
        #expect(known.verdict(.fixture(2), at: end) == .unknown)
    }

    @Test("a node that nobody approved is not known, until it is approved; taking that back revokes its key")
    func approval() {
        var known = known
        var waiting = node(3, version: 11)
        waiting.isApproved = false
        #expect(known.apply([change(11, waiting)], at: .fixture) == .applied(revoked: []))
        #expect(known.verdict(.fixture(3), at: .fixture) != .known)
        #expect(known.revoked(among: [.fixture(3)], at: .fixture) == [.fixture(3)])
        #expect(known.apply([change(12, node(3, version: 12))], at: .fixture) == .applied(revoked: []))
        #expect(known.verdict(.fixture(3), at: .fixture) == .known)
        waiting.version = 13
        #expect(known.apply([change(13, waiting)], at: .fixture) == .applied(revoked: [.fixture(3)]))
    }

    @Test("a changed key revokes the old one")
    func keyChange() {
        var known = known
        let outcome = known.apply([change(11, node(1, version: 11, key: 50))], at: .fixture)
        #expect(outcome == .applied(revoked: [.fixture(1)]))
        #expect(known.verdict(.fixture(50), at: .fixture) == .known)
    }

    @Test("changes already applied do nothing, those after a hole are a gap")
    func versions() {
        var known = known
        #expect(known.apply([change(10, node(1, version: 10, key: 50))], at: .fixture) == .applied(revoked: []))
        #expect(known.verdict(.fixture(1), at: .fixture) == .known)
        #expect(known.apply([change(12, node(1, version: 12, key: 50))], at: .fixture) == .gap)
        #expect(known.verdict(.fixture(1), at: .fixture) == .known)
        let both = [change(10, node(9, version: 10)), change(11, node(3, version: 11))]
        #expect(known.apply(both, at: .fixture) == .applied(revoked: []))
        #expect(known.verdict(.fixture(9), at: .fixture) == .unknown)
        #expect(known.verdict(.fixture(3), at: .fixture) == .known)
        #expect(known.version == 11)
    }

    @Test("a removed node is revoked; a late answer about it does not bring it back")
    func removal() {
        var known = known
        let removal = RegistryChange(version: 11, subject: .nodeRemoved(.fixture(1)))
        #expect(known.apply([removal], at: .fixture) == .applied(revoked: [.fixture(1)]))
        known.learn(node(1, version: 5))
        #expect(known.revoked(among: [.fixture(1), .fixture(2)], at: .fixture) == [.fixture(1)])
    }

    @Test("an answer newer than the copy is kept, through a snapshot begun before it")
    func learnt() {
        var known = known
        known.learn(node(3, version: 12))
        #expect(known.verdict(.fixture(3), at: .fixture) == .known)
        known.replace(with: [node(1, version: 5)], version: 11)
        #expect(known.verdict(.fixture(3), at: .fixture) == .known)
        #expect(known.verdict(.fixture(2), at: .fixture) == .unknown)
        known.replace(with: [node(1, version: 5)], version: 12)
        #expect(known.verdict(.fixture(3), at: .fixture) == .unknown)
    }

    private func node(_ number: Int64, version: Version, key: Int? = nil, expiry: Date? = nil) -> Node {
        var node = Node.fixture(number)
        node.nodeKey = .fixture(key ?? Int(number))
        node.version = version
        node.expiry = expiry
        return node
    }

    private func change(_ version: Version, _ node: Node) -> RegistryChange {
        RegistryChange(version: version, subject: .node(node))
    }
}
