import Bus
import ControlModel
import Foundation
import IPAddresses
import Keys
import TestKit
import Testing

@testable import RegistryService

@Suite("Registration", .timeLimit(.minutes(1)))
struct RegistrationTests {
    @Test("a device with a user's auth key gets a node with addresses and a name")
    func userKey() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let key = try await harness.authKey(user.id)
            let response = try await harness.register(.fixture(authKey: key, hostname: "Zoe's Mac.local"))
            guard case .registered(let node, let owner) = response else { throw Unexpected(description: "\(response)") }
            #expect(owner == user)
            #expect(node.user == user.id)
            #expect(node.givenName == "zoes-mac")
            #expect(node.hostname == "Zoe's Mac.local")
            #expect(node.ipv4?.description == "100.64.0.1")
            #expect(node.ipv6?.description == "fd7a:115c:a1e0::1")
            #expect(node.expiry == nil)
            #expect(try await harness.node(node.id) == node)
        }
    }

    @Test("a device with a tagged key gets a node with tags and without user")
    func taggedKey() async throws {
        try await RegistryHarness.run(configure: { $0.keyLifetime = .seconds(60) }) { harness in
            let key = try await harness.authKey(tags: ["tag:b", "tag:a", "tag:b"])
            let response = try await harness.register(.fixture(authKey: key, requestTags: ["tag:a", "tag:b"]))
            guard case .registered(let node, nil) = response else { throw Unexpected(description: "\(response)") }
            #expect(node.tags == ["tag:a", "tag:b"])
            #expect(node.user == nil)
            #expect(node.expiry == nil)
        }
    }

    @Test("a restart of the same client is answered without a look at its key, and changes nothing")
    func restart() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id, isReusable: false)
            let node = try await harness.admit(.fixture(authKey: key))
            let version = try await harness.version()
            for text in [nil, key, "nonsense"] {
                #expect(try await harness.admit(.fixture(authKey: text)) == node)
            }
            #expect(try await harness.version() == version)
        }
    }

    @Test("an auth key that is no good is refused with its reason")
    func badKeys() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let good = try await harness.authKey(user.id, isReusable: false)
            let forged = String(good.dropLast()) + (good.last == "0" ? "1" : "0")
            for text in ["nonsense", "hskey-auth-", forged, good + "0", "hskey-api-" + good.dropFirst(11)] {
                #expect(try await harness.register(.fixture(authKey: text)) == .refused("invalid authkey"), "\(text)")
            }
            _ = try await harness.admit(.fixture(authKey: good))
            let second = RegisterNode.fixture(machine: 2, node: 2, authKey: good)
            #expect(try await harness.register(second) == .refused("authkey already used"))
            let expired = try await harness.ask(
                CreateAuthKey(user: user.id, isReusable: true, isEphemeral: false, expiry: nil)
            )
            _ = try await harness.ask(ExpireAuthKey(key: expired.key.id))
            let third = RegisterNode.fixture(machine: 3, node: 3, authKey: expired.secret)
            #expect(try await harness.register(third) == .refused("authkey expired"))
            _ = try await harness.ask(DeleteAuthKey(key: expired.key.id))
            #expect(try await harness.register(third) == .refused("invalid authkey"))
        }
    }

    @Test("tags that the key does not give are refused")
    func requestedTags() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let response = try await harness.register(.fixture(authKey: key, requestTags: ["tag:y", "tag:x"]))
            #expect(response == .refused("requested tags [tag:x tag:y] are invalid or not permitted"))
        }
    }

    @Test("a client that is too old, or has no key of its own, is refused")
    func tooOld() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let old = try await harness.register(.fixture(authKey: key, capability: 112))
            guard case .refused(let text) = old else { throw Unexpected(description: "\(old)") }
            #expect(text.contains("1.80"))
            var zero = RegisterNode.fixture(authKey: key)
            zero.nodeKey = .zero
            #expect(try await harness.register(zero) == .refused("the node key is missing"))
        }
    }

    @Test("without an auth key somebody must log in")
    func loginRequired() async throws {
        try await RegistryHarness.run { harness in
            guard case .loginRequired(let login?) = try await harness.register(.fixture()) else {
                Issue.record("no login")
                return
            }
            #expect(try await harness.register(.fixture()) == .loginRequired(login: login))
            #expect(try await harness.version() == 0)
        }
    }

    @Test("the node key of another machine is refused")
    func stolenNodeKey() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let node = try await harness.admit(.fixture(authKey: key))
            for request in [
                RegisterNode.fixture(machine: 2), .fixture(machine: 2, authKey: key),
                .fixture(machine: 2, expiry: .distantPast),
            ] {
                #expect(try await harness.register(request) == .refused("the node key belongs to another machine"))
            }
            #expect(try await harness.node(node.id) == node)
        }
    }

    @Test("a new node key of the same machine and user keeps id, addresses and name", arguments: [nil, 1])
    func rotation(oldKey: Int?) async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let node = try await harness.admit(.fixture(authKey: key))
            guard case .loginRequired = try await harness.register(.fixture(node: 2, old: oldKey)) else {
                Issue.record("let in")
                return
            }
            let renewed = try await harness.admit(.fixture(node: 2, old: oldKey, authKey: key))
            #expect(renewed.nodeKey == .fixture(2))
            #expect(renewed.id == node.id)
            #expect(renewed.addresses == node.addresses)
            #expect(renewed.givenName == node.givenName)
            #expect(renewed.stableID == node.stableID)
            #expect(try await harness.ask(LookupNode(nodeKey: .fixture(1))).node == nil)
        }
    }

    @Test("another user on the same machine gets a node of his own")
    func otherUser() async throws {
        try await RegistryHarness.run { harness in
            let first = try await harness.admit(
                .fixture(authKey: try await harness.authKey(try await harness.user("alice").id))
            )
            let second = try await harness.admit(
                .fixture(node: 2, old: 1, authKey: try await harness.authKey(try await harness.user("bob").id))
            )
            #expect(second.id != first.id)
            #expect(second.givenName == "laptop-1")
            #expect(try await harness.node(first.id) == first)
        }
    }

    @Test("a tagged key turns a user's node into a tagged one where the client gives up the old key")
    func conversion() async throws {
        try await RegistryHarness.run(configure: { $0.keyLifetime = .seconds(3600) }) { harness in
            let node = try await harness.admit(
                .fixture(authKey: try await harness.authKey(try await harness.user().id))
            )
            #expect(node.expiry != nil)
            let tagged = try await harness.authKey(tags: ["tag:a"])
            let converted = try await harness.admit(.fixture(node: 2, old: 1, authKey: tagged))
            #expect(converted.id == node.id)
            #expect(converted.user == nil)
            #expect(converted.tags == ["tag:a"])
            #expect(converted.expiry == nil)
        }
    }

    @Test("a client hears that its key has expired, and a valid auth key renews it")
    func expiry() async throws {
        try await RegistryHarness.run(configure: { $0.keyLifetime = .seconds(3600) }) { harness in
            let user = try await harness.user()
            let request = CreateAuthKey(
                user: user.id,
                isReusable: true,
                isEphemeral: false,
                expiry: harness.time.now.addingTimeInterval(86400)
            )
            let key = try await harness.ask(request).secret
            let node = try await harness.admit(.fixture(authKey: key))
            #expect(node.expiry == harness.time.now.addingTimeInterval(3600))
            harness.time.advance(by: .seconds(3600))
            #expect(try await harness.register(.fixture()) == .keyExpired(node: node, user: user))
            let renewed = try await harness.admit(.fixture(authKey: key))
            #expect(renewed.id == node.id)
            #expect(renewed.expiry == harness.time.now.addingTimeInterval(3600))
        }
    }

    @Test("a client may end its key sooner, not later")
    func shortening() async throws {
        try await RegistryHarness.run(configure: { $0.keyLifetime = .seconds(3600) }) { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let now = harness.time.now
            #expect(try await harness.admit(.fixture(authKey: key)).expiry == now.addingTimeInterval(3600))
            let sooner = now.addingTimeInterval(60)
            #expect(try await harness.admit(.fixture(expiry: sooner)).expiry == sooner)
            #expect(try await harness.admit(.fixture(expiry: now.addingTimeInterval(9999))).expiry == sooner)
        }
    }

    @Test("logging out ends the key now, and once")
    func logout() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let node = try await harness.admit(.fixture(authKey: key))
            let past = Date(timeIntervalSince1970: 123)
            let response = try await harness.register(.fixture(expiry: past))
            guard case .loggedOut(let left?) = response else { throw Unexpected(description: "\(response)") }
            #expect(left.expiry == harness.time.now)
            harness.time.advance(by: .seconds(60))
            let again = try await harness.register(.fixture(expiry: past))
            #expect(again == .loggedOut(node: left))
            #expect(try await harness.register(.fixture(machine: 9, node: 9, expiry: past)) == .loggedOut(node: nil))
            let back = try await harness.admit(.fixture(node: 2, old: 1, authKey: key))
            #expect(back.id == node.id)
            #expect(back.expiry == nil)
        }
    }

    @Test("an ephemeral node that logs out is gone", arguments: [true, false])
    func ephemeralLogout(byKey: Bool) async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id, isEphemeral: byKey)
            let node = try await harness.admit(.fixture(authKey: key, isEphemeral: !byKey))
            #expect(node.isEphemeral)
            let response = try await harness.register(.fixture(expiry: .distantPast))
            #expect(response == .loggedOut(node: nil))
            #expect(try await harness.node(node.id) == nil)
        }
    }

    @Test("a hostname that changed renames the node, unless an administrator named it")
    func hostname() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let node = try await harness.admit(.fixture(authKey: key))
            #expect(try await harness.admit(.fixture(hostname: "Desk Top")).givenName == "desk-top")
            _ = try await harness.ask(RenameNode(node: node.id, name: "pinned"))
            let renamed = try await harness.admit(.fixture(hostname: "other"))
            #expect(renamed.givenName == "pinned")
            #expect(renamed.hostname == "other")
        }
    }

    @Test("a client is told when no address is left, and gets one that came free")
    func exhaustion() async throws {
        try await RegistryHarness.run(configure: { $0.ipv4Prefix = IPPrefix("100.64.0.0/30") }) { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let first = try await harness.admit(.fixture(machine: 1, node: 1, authKey: key))
            let second = try await harness.admit(.fixture(machine: 2, node: 2, authKey: key))
            let response = try await harness.register(.fixture(machine: 3, node: 3, authKey: key))
            guard case .refused(let text) = response else { throw Unexpected(description: "\(response)") }
            #expect(text.contains("100.64.0.0/30"))
            _ = try await harness.ask(DeleteNode(node: first.id))
            let third = try await harness.admit(.fixture(machine: 3, node: 3, authKey: key))
            #expect(third.ipv4 == first.ipv4)
            #expect(third.id > second.id)
        }
    }
}
