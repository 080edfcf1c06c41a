import Bus
import ControlModel
import Foundation
import IPAddresses
import Keys
import TestKit
import Testing

@testable import RegistryService

@Suite("Registration decision")
struct RegistrationDecisionTests {
    private func decide(
        _ request: RegisterNode,
        device: [Node] = [],
        key: AuthKey? = nil,
        approval: LoginApproval? = nil,
        isApproved: Bool = true,
        lifetime: Duration? = nil
    ) -> RegistrationDecision {
        RegistrationDecision(
            request,
            facts: RegistrationFacts(
                holder: device.first { $0.nodeKey == request.nodeKey },
                device: device,
                authKey: key.map { .known($0) } ?? .notGiven,
                approval: approval,
                isApproved: isApproved,
                now: .fixture,
                keyLifetime: lifetime
            )
        )
    }

    @Test("a key for nobody and nothing is invalid")
    func ownerlessKey() {
        #expect(decide(.fixture(), key: .fixture(user: nil)) == .refuse("invalid authkey"))
    }

    @Test("a device that used up a single-use key gets its node again, until it was connected once")
    func repeated() {
        var key = AuthKey.fixture(3)
        key.isUsed = true
        var node = Node.fixture(1, authKey: key.id)
        // The client was ended before it kept its node key: it comes with another one.
        let request = RegisterNode.fixture(machine: 1, node: 9)
        guard case .update(let kept, consuming: nil) = decide(request, device: [node], key: key) else {
            Issue.record("not updated")
            return
        }
        #expect(kept.id == node.id)
        #expect(kept.nodeKey == .fixture(9))
        #expect(decide(.fixture(machine: 2, node: 9), key: key) == .refuse("authkey already used"))
        for change: (inout Node) -> Void in [
            { $0.lastSeen = .fixture }, { $0.expiry = .fixture }, { $0.authKey = .fixture(4) },
        ] {
            node = Node.fixture(1, authKey: key.id)
            change(&node)
            #expect(decide(request, device: [node], key: key) == .refuse("authkey already used"))
        }
    }

    @Test("a key is over at the moment of its expiry")
    func keyExpiry() {
        var key = AuthKey.fixture()
        key.expiry = .fixture
        #expect(decide(.fixture(), key: key) == .refuse("authkey expired"))
        key.expiry = .fixture.addingTimeInterval(1)
        guard case .create = decide(.fixture(), key: key) else {
            Issue.record("refused")
            return
        }
    }

    @Test("the key of an expired node does not move to another user's node")
    func expiredForOtherUser() {
        var node = Node.fixture(1)
        node.expiry = .fixture
        let request = RegisterNode.fixture(machine: 1, node: 1)
        #expect(decide(request, device: [node], key: .fixture(user: .fixture(2))) == .keyExpired(node))
        #expect(decide(request, device: [node]) == .keyExpired(node))
    }

    @Test("of two nodes of a device the one of the key's owner is renewed")
    func ownersNode() {
        var second = Node.fixture(2, user: .fixture(2))
        second.machineKey = .fixture(1)
        let decision = decide(
            .fixture(node: 9, old: 1),
            device: [.fixture(1), second],
            key: .fixture(4, user: .fixture(2))
        )
        guard case .update(let node, consuming: .fixture(4)) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(node.id == second.id)
        #expect(node.nodeKey == .fixture(9))
    }

    @Test("a tagged key makes a new node where the device gives up no key")
    func taggedBeside() {
        let decision = decide(.fixture(node: 9), device: [.fixture(1)], key: .fixture(tags: ["tag:a"]))
        guard case .create(let new) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(new.user == nil)
        #expect(new.tags == ["tag:a"])
    }

    @Test("a lifetime holds for users' nodes alone, and what the client asks for if it is sooner")
    func lifetimes() {
        let sooner = Date.fixture.addingTimeInterval(30)
        let cases: [([String], Duration?, Date?, Date?)] = [
            ([], .seconds(60), nil, .fixture.addingTimeInterval(60)), ([], nil, nil, nil), ([], nil, sooner, sooner),
            ([], .seconds(60), sooner, sooner), (["tag:a"], .seconds(60), nil, nil),
            ([], .seconds(60), .fixture.addingTimeInterval(90), .fixture.addingTimeInterval(60)),
        ]
        for (tags, lifetime, asked, expected) in cases {
            let decision = decide(.fixture(expiry: asked), key: .fixture(tags: tags), lifetime: lifetime)
            guard case .create(let new) = decision else {
                Issue.record("\(decision)")
                return
            }
            #expect(new.expiry == expected, "\(tags) \(String(describing: lifetime))")
        }
    }

    @Test("approved routes and a chosen name survive a new login, by key and by a person")
    func keepsWhatWasDecided() throws {
        var node = Node.fixture(1)
        node.approvedRoutes = [try #require(IPPrefix("10.0.0.0/8"))]
        (node.givenName, node.isNamePinned, node.expiry) = ("printer", true, .fixture)
        let request = RegisterNode.fixture(machine: 1, node: 9)
        let approval = LoginApproval(user: .fixture(1), method: .oidc, expiry: nil)
        for decision in [
            decide(request, device: [node], key: .fixture()), decide(request, device: [node], approval: approval),
        ] {
            guard case .update(let after, consuming: _) = decision else {
                Issue.record("\(decision)")
                return
            }
            #expect(after.approvedRoutes == node.approvedRoutes)
            #expect(after.givenName == "printer" && after.isNamePinned)
            #expect(after.expiry == nil && after.nodeKey == .fixture(9))
        }
    }

    @Test("a node that becomes another's, or gets tags, needs approval anew")
    func approvalOfAnother() {
        let node = Node.fixture(1)
        var request = RegisterNode.fixture(machine: 1, node: 9)
        request.oldNodeKey = node.nodeKey
        let key = AuthKey.fixture(3, user: nil, tags: ["tag:a"])
        for isApproved in [true, false] {
            let decision = decide(request, device: [node], key: key, isApproved: isApproved)
            guard case .update(let kept, consuming: _) = decision else {
                Issue.record("\(decision)")
                return
            }
            #expect(node.isApproved && kept.id == node.id && kept.tags == ["tag:a"])
            #expect(kept.isApproved == isApproved)
        }
    }

    @Test("what a device is let in by approves it or leaves it as it was, and never takes approval back")
    func approval() {
        for (before, now, after) in [(true, false, true), (false, false, false), (false, true, true)] {
            var node = Node.fixture(1)
            node.isApproved = before
            let request = RegisterNode.fixture(machine: 1, node: 9)
            let decision = decide(request, device: [node], key: .fixture(), isApproved: now)
            guard case .update(let kept, consuming: _) = decision else {
                Issue.record("\(decision)")
                return
            }
            #expect(kept.isApproved == after)
            // Who merely starts again is not approved by that.
            guard case .update(let same, consuming: nil) = decide(.fixture(), device: [node], isApproved: now) else {
                Issue.record("not updated")
                return
            }
            #expect(same.isApproved == before)
        }
        guard case .create(let new) = decide(.fixture(), key: .fixture(), isApproved: false) else {
            Issue.record("not created")
            return
        }
        #expect(!new.isApproved)
    }

    @Test("logging out never extends a key that ended before")
    func logoutKeepsExpiry() {
        var node = Node.fixture(1)
        node.expiry = .distantPast
        #expect(decide(.fixture(expiry: .distantPast), device: [node]) == .logOut(node))
    }
}
