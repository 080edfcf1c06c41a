import Bus
import ControlModel
import Foundation
import Storage
import TestKit
import Testing

@testable import RegistryService

@Suite("Administration", .timeLimit(.minutes(1)))
struct AdministrationTests {
    @Test("users are created, listed, renamed and deleted")
    func users() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.ask(CreateUser(name: "alice", displayName: "Alice", email: "a@example.com"))
            #expect(user.displayName == "Alice")
            #expect(user.createdAt == harness.time.now)
            let renamed = try await harness.ask(RenameUser(user: user.id, name: "zoe"))
            #expect(renamed.name == "zoe")
            #expect(renamed.version == 2)
            #expect(try await harness.ask(ListUsers()) == [renamed])
            _ = try await harness.ask(DeleteUser(user: user.id))
            #expect(try await harness.ask(ListUsers()).isEmpty)
            #expect(try await harness.user().id > user.id)
        }
    }

    @Test("who logs in through a provider is not renamed here")
    func providersUser() async throws {
        try await RegistryHarness.run { harness in
            var user = try await harness.user("anna")
            user.identity = UserIdentity(issuer: "https://login.test", subject: "1", groups: [])
            _ = try await harness.store.commit([.replaceUser(user)], tailnet: .default)
            await harness.expect(.invalid, RenameUser(user: user.id, name: "zoe"))
            #expect(try await harness.ask(ListUsers()).map(\.name) == ["anna"])
        }
    }

    @Test("a user whose last node was tagged or deleted can be deleted, with all auth keys; the tagged node stays")
    func deleteUser() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let key = try await harness.authKey(user.id)
            let own = try await harness.admit(.fixture(machine: 1, node: 1, authKey: key))
            let other = try await harness.admit(.fixture(machine: 2, node: 2, authKey: key))
            await harness.expect(.conflict, DeleteUser(user: user.id))
            _ = try await harness.ask(DeleteNode(node: own.id))
            await harness.expect(.conflict, DeleteUser(user: user.id))
            let tags = try await harness.authKey(tags: ["tag:a"])
            _ = try await harness.admit(.fixture(machine: 2, node: 3, old: 2, authKey: tags))
            _ = try await harness.ask(DeleteUser(user: user.id))
            #expect(try await harness.ask(ListAuthKeys()).map(\.tags) == [["tag:a"]])
            #expect(try await harness.ask(ListNodes()).map(\.id) == [other.id])
            let late = RegisterNode.fixture(machine: 3, node: 4, authKey: key)
            #expect(try await harness.register(late) == .refused("invalid authkey"))
        }
    }

    @Test("what is not there or cannot be is refused with a reason")
    func refusals() async throws {
        try await RegistryHarness.run { harness in
            let alice = try await harness.user("alice")
            let bob = try await harness.user("bob")
            let key = try await harness.authKey(alice.id)
            let first = try await harness.admit(.fixture(machine: 1, node: 1, authKey: key, hostname: "a"))
            let second = try await harness.admit(.fixture(machine: 2, node: 2, authKey: key, hostname: "b"))
            let (noUser, noNode): (UserID, NodeID) = (.fixture(77), .fixture(77))
            await harness.expect(.conflict, CreateUser(name: "alice"))
            await harness.expect(.invalid, CreateUser(name: "1"))
            await harness.expect(.conflict, RenameUser(user: bob.id, name: "alice"))
            await harness.expect(.invalid, RenameUser(user: bob.id, name: "b b"))
            await harness.expect(.notFound, RenameUser(user: noUser, name: "carol"))
            await harness.expect(.notFound, DeleteUser(user: noUser))
            await harness.expect(.conflict, DeleteUser(user: alice.id))
            await harness.expect(.notFound, GetNode(node: noNode))
            await harness.expect(.notFound, DeleteNode(node: noNode))
            await harness.expect(.notFound, SetNodeExpiry(node: noNode, expiry: nil))
            await harness.expect(.notFound, RenameNode(node: noNode, name: "c"))
            await harness.expect(.notFound, ListNodes(user: noUser))
            await harness.expect(.conflict, RenameNode(node: first.id, name: second.givenName))
            for name in ["", "-a", "A", "a.b", String(repeating: "x", count: 64)] {
                await harness.expect(.invalid, RenameNode(node: first.id, name: name))
            }
        }
    }

    @Test("nodes are listed, renamed, expired and deleted")
    func nodes() async throws {
        try await RegistryHarness.run(configure: { $0.pageLength = 2 }) { harness in
            let (alice, bob) = (try await harness.user("alice"), try await harness.user("bob"))
            for number in 1...5 {
                let key = try await harness.authKey(number < 4 ? alice.id : bob.id)
                _ = try await harness.admit(.fixture(machine: number, node: number, authKey: key))
            }
            let all = try await harness.ask(ListNodes())
            #expect(all.map(\.id.rawValue) == [1, 2, 3, 4, 5])
            #expect(try await harness.ask(ListNodes(user: bob.id)).map(\.id.rawValue) == [4, 5])
            let renamed = try await harness.ask(RenameNode(node: all[0].id, name: "printer"))
            #expect(renamed.givenName == "printer")
            #expect(renamed.isNamePinned)
            #expect(try await harness.ask(GetNode(node: all[0].id)) == renamed)
            let expired = try await harness.ask(SetNodeExpiry(node: all[0].id, expiry: harness.time.now))
            #expect(expired.isExpired(at: harness.time.now))
            #expect(try await harness.ask(SetNodeExpiry(node: all[0].id, expiry: nil)).expiry == nil)
            _ = try await harness.ask(DeleteNode(node: all[0].id))
            #expect(try await harness.ask(ListNodes(user: alice.id)).count == 2)
        }
    }

    @Test("auth keys are listed without their secret, and last an hour unless told")
    func authKeys() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let made = try await harness.ask(
                CreateAuthKey(user: user.id, isReusable: false, isEphemeral: true, expiry: nil)
            )
            #expect(made.secret.hasPrefix("hskey-auth-\(made.key.prefix)-"))
            #expect(made.key.expiry == harness.time.now.addingTimeInterval(3600))
            #expect(try await harness.ask(ListAuthKeys()) == [made.key])
            await harness.expect(
                .invalid,
                CreateAuthKey(user: nil, isReusable: false, isEphemeral: false, expiry: nil)
            )
            await harness.expect(
                .notFound,
                CreateAuthKey(user: .fixture(9), isReusable: false, isEphemeral: false, expiry: nil)
            )
            await harness.expect(
                .invalid,
                CreateAuthKey(user: user.id, isReusable: false, isEphemeral: false, expiry: .distantPast)
            )
            for tag in ["a", "tag:", "tag:1", "tag:a b", "tag:ä"] {
                await harness.expect(
                    .invalid,
                    CreateAuthKey(user: nil, tags: [tag], isReusable: false, isEphemeral: false, expiry: nil)
                )
            }
            await harness.expect(.notFound, ExpireAuthKey(key: .fixture(9)))
            await harness.expect(.notFound, DeleteAuthKey(key: .fixture(9)))
        }
    }

    @Test("an API key lets in until it expires or is deleted")
    func apiKeys() async throws {
        try await RegistryHarness.run { harness in
            let made = try await harness.ask(CreateAPIKey(expiry: nil))
            #expect(made.key.expiry == harness.time.now.addingTimeInterval(90 * 86400))
            let found = try await harness.ask(AuthenticateAPIKey(secret: made.secret))
            #expect(found.id == made.key.id)
            #expect(found.lastSeen == harness.time.now)
            #expect(try await harness.ask(ListAPIKeys()).map(\.id) == [made.key.id])
            for secret in ["", "nonsense", made.secret + "0", "hskey-auth-" + made.secret.dropFirst(10)] {
                await harness.expect(.unauthorized, AuthenticateAPIKey(secret: secret))
            }
            await harness.expect(.invalid, ExpireAPIKey(id: nil, prefix: nil))
            await harness.expect(.invalid, ExpireAPIKey(id: made.key.id, prefix: made.key.prefix))
            await harness.expect(.notFound, DeleteAPIKey(id: nil, prefix: "unknown"))
            _ = try await harness.ask(ExpireAPIKey(id: nil, prefix: made.key.prefix))
            await harness.expect(.unauthorized, AuthenticateAPIKey(secret: made.secret))
            _ = try await harness.ask(DeleteAPIKey(id: made.key.id, prefix: nil))
            #expect(try await harness.ask(ListAPIKeys()).isEmpty)
        }
    }
}

extension RegistryHarness {
    /// Expects a refusal for this reason, with a message.
    func expect<Request: BusRequest>(
        _ reason: RequestFailure.Reason,
        _ request: Request,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            let response = try await ask(request)
            Issue.record("\(request) was answered: \(response)", sourceLocation: sourceLocation)
        } catch BusError.refused(let failure) {
            #expect(failure.reason == reason, "\(failure)", sourceLocation: sourceLocation)
            #expect(failure.message.count > 8, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }
}
