import Bus
import ControlModel
import Foundation
import Keys
import TestKit
import Testing

@testable import RegistryService

@Suite("Registry: tags and the policy service")
struct TagTests {
    /// Answers as a policy by which `alice` owns `tag:a`, and nobody `tag:b`.
    private static func servePolicy(on bus: any Bus) async throws {
        try await bus.serve(CheckTags.self, tailnet: .default) { request in
            .init(
                unknown: request.tags.filter { !["tag:a", "tag:b"].contains($0) },
                unowned: request.user.map { user in
                    request.tags.filter { $0 == "tag:b" || user.name != "alice" }
                } ?? []
            )
        }
    }

    private func withPolicy(_ body: (RegistryHarness) async throws -> Void) async throws {
        try await RegistryHarness.run { harness in
            try await withThrowingTaskGroup { group in
                let bus = harness.bus
                group.addTask { try? await Self.servePolicy(on: bus) }
                try await eventually("a policy service") {
                    (try? await harness.ask(CheckTags(tags: [], user: nil))) != nil
                }
                try await body(harness)
                group.cancelAll()
            }
        }
    }

    @Test("while the policy service is away, tags are neither granted nor refused: the asker is to try again")
    func policyAway() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let key = try await harness.authKey(user.id)
            let node = try await harness.admit(.fixture(authKey: key))
            let isPassing: (any Error) -> Bool = { error in
                if case BusError.refused(let failure) = error { failure.reason == .unavailable } else { false }
            }
            await #expect(
                performing: { try await harness.ask(SetNodeTags(node: node.id, tags: ["tag:a"])) },
                throws: isPassing
            )
            let asking = RegisterNode.fixture(machine: 2, node: 2, requestTags: ["tag:a"])
            await #expect(performing: { try await harness.register(asking) }, throws: isPassing)
            #expect(try await harness.ask(ListLogins()).isEmpty)
            // What needs no answer about tags goes on.
            let started = try await harness.admit(.fixture(requestTags: ["tag:a"]))
            #expect(started.tags == [] && started.user == user.id)
            let out = try await harness.register(.fixture(requestTags: ["tag:a"], expiry: .distantPast))
            guard case .loggedOut = out else { throw Unexpected(description: "\(out)") }
        }
    }

    @Test("an approval that comes while the policy service is away changes nothing")
    func approvalAway() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            var login: LoginID?
            try await withThrowingTaskGroup { group in
                let bus = harness.bus
                group.addTask { try? await Self.servePolicy(on: bus) }
                try await eventually("a login") {
                    let answer = try? await harness.register(.fixture(requestTags: ["tag:a"]))
                    if case .loginRequired(let id)? = answer { login = id }
                    return login != nil
                }
                group.cancelAll()
            }
            let id = try #require(login)
            await #expect(throws: BusError.self) { try await harness.ask(ApproveLogin(login: id, user: user.id)) }
            #expect(try await harness.ask(GetLogin(login: id)).state == .waiting)
        }
    }

    @Test("a user's tags are granted where the policy says so, and the login says why where it does not")
    func ownership() async throws {
        try await withPolicy { harness in
            let (alice, bob) = (try await harness.user(), try await harness.user("bob"))
            func login(_ number: Int) async throws -> LoginID {
                let request = RegisterNode.fixture(machine: number, node: number, requestTags: ["tag:a"])
                guard case .loginRequired(let id?) = try await harness.register(request) else {
                    throw Unexpected(description: "no login")
                }
                return id
            }
            let granted = try await harness.ask(ApproveLogin(login: try await login(1), user: alice.id))
            #expect(granted.tags == ["tag:a"] && granted.user == nil)
            let refused = try await login(2)
            await #expect(throws: BusError.self) { try await harness.ask(ApproveLogin(login: refused, user: bob.id)) }
            let row = try await harness.ask(GetLogin(login: refused))
            #expect(row.state == .rejected)
            #expect(row.refusal == "requested tags [tag:a] are invalid or not permitted")
            await #expect(throws: BusError.self) { try await harness.ask(ApproveLogin(login: refused, user: alice.id)) }
            #expect(try await harness.ask(ListNodes()).count == 1)
        }
    }

    @Test("a device has one tagged node at most")
    func oneTagged() async throws {
        try await withPolicy { harness in
            let user = try await harness.user()
            let tagged = try await harness.admit(.fixture(node: 1, authKey: try await harness.authKey(tags: ["tag:a"])))
            let own = try await harness.admit(.fixture(node: 2, authKey: try await harness.authKey(user.id)))
            #expect(own.id != tagged.id)
            await #expect {
                try await harness.ask(SetNodeTags(node: own.id, tags: ["tag:b"]))
            } throws: { error in
                if case BusError.refused(let failure) = error {
                    failure.reason == .conflict && failure.message.contains("node \(tagged.id);")
                } else {
                    false
                }
            }
            #expect(try await harness.ask(SetNodeTags(node: tagged.id, tags: ["tag:b"])).tags == ["tag:b"])
        }
    }

    @Test("tags of a node that is not there are not set")
    func noNode() async throws {
        try await withPolicy { harness in
            await #expect {
                try await harness.ask(SetNodeTags(node: .fixture(9), tags: ["tag:a"]))
            } throws: { error in
                if case BusError.refused(let failure) = error { failure.reason == .notFound } else { false }
            }
        }
    }
}
