import Bus
import ControlModel
import Foundation
import Keys
import Storage
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Interactive login")
    struct InteractiveLogin {
        @Test("a device without a key waits at an address until somebody lets it in", arguments: [KeyCasing.go, .rust])
        func approved(casing: KeyCasing) async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop", casing: casing)
                let url = try await client.register().authURL
                #expect(try await system.nodes().isEmpty)
                async let held = client.follow(url)
                let node = try await system.approve(url, for: user)
                let answer = try await held
                #expect(answer.error == "")
                #expect(answer.authURL == "")
                #expect(answer.isMachineAuthorized)
                #expect(answer.login.loginName == "alice")
                #expect(node.user == user.id)
                #expect(node.registerMethod == .cli)
                #expect(try await system.nodes().map(\.id) == [node.id])
                let map = try await client.startMap()
                try await eventually("a map") { map.view.own != nil }
            }
        }

        @Test("a device that asks again is given the same address, and another device another")
        func oneLogin() async throws {
            try await LocalSystem.run { system in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                #expect(try await client.register().authURL == url)
                await client.disconnect()
                #expect(try await client.register().authURL == url)
                #expect(try await system.client("other").register().authURL != url)
            }
        }

        @Test("a device that was turned away is told, and may start anew")
        func rejected() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                async let held = client.follow(url)
                _ = try await system.ask(RejectLogin(login: try system.login(url)))
                let answer = try await held
                #expect(answer.error == "the login of this device was rejected")
                #expect(try await client.follow(url).error == "the login of this device was rejected")
                await #expect(throws: BusError.self) { try await system.approve(url, for: user) }
                let again = try await client.register().authURL
                #expect(again != url && again != "")
                _ = try await system.approve(again, for: user)
                #expect(try await client.follow(again).isMachineAuthorized)
            }
        }

        @Test("nobody decides twice")
        func decidedOnce() async throws {
            try await LocalSystem.run { system in
                let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let node = try await system.approve(url, for: alice)
                #expect(try await system.approve(url, for: alice).id == node.id)
                for request in [ApproveLogin(login: try system.login(url), user: bob.id)] {
                    await #expect(throws: BusError.self) { try await system.ask(request) }
                }
                await #expect(throws: BusError.self) {
                    try await system.ask(RejectLogin(login: try system.login(url)))
                }
                #expect(try await system.nodes().map(\.user) == [alice.id])
            }
        }

        @Test("when the time is over the device is given a new address, and the old one is worth nothing")
        func ended() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                system.time.advance(by: .seconds(15 * 60))
                await #expect(throws: BusError.self) { try await system.approve(url, for: user) }
                let answer = try await client.follow(url)
                #expect(answer.error == "")
                #expect(answer.authURL != url && answer.authURL != "")
                _ = try await system.approve(answer.authURL, for: user)
                #expect(try await client.follow(answer.authURL).isMachineAuthorized)
            }
        }

        @Test("a login outlives the gateway and the registry that began it")
        func restart() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                async let cut = client.follow(url)
                try await eventually("a held request") { try await system.heldRequests(url) == 1 }
                try await system.restart()
                let ending = try? await cut
                #expect(ending == nil)
                async let held = client.follow(url)
                try await eventually("a held request") { try await system.heldRequests(url) == 1 }
                _ = try await system.approve(url, for: user)
                let answer = try await held
                #expect(answer.isMachineAuthorized)
            }
        }

        @Test("a device that was let in while it was away comes in with its next request")
        func approvedWhileAway() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                await client.disconnect()
                _ = try await system.approve(url, for: user)
                try await system.restart()
                #expect(try await client.register().isMachineAuthorized)
            }
        }

        @Test("a request that is held too long is answered with the same address")
        func patience() async throws {
            try await LocalSystem.run(.init(loginPatience: .milliseconds(30))) { system in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let answer = try await client.follow(url)
                #expect(answer.authURL == url)
                #expect(answer.error == "")
                #expect(!answer.isMachineAuthorized)
            }
        }

        @Test("requests of clients that went away are not held on")
        func goneClients() async throws {
            try await LocalSystem.run { system in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                for _ in 1...3 {
                    async let held = client.follow(url)
                    try await eventually("a held request") { try await system.heldRequests(url) == 1 }
                    await client.disconnect()
                    let answer = try? await held
                    #expect(answer == nil)
                    try await eventually("nothing is held") { try await system.heldRequests(url) == 0 }
                }
            }
        }

        @Test("of many requests for one login the latest are held, the others answered")
        func manyHeld() async throws {
            try await LocalSystem.run { system in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                try await withThrowingTaskGroup { group in
                    for _ in 1...12 { group.addTask { try await client.follow(url).authURL } }
                    for _ in 1...8 { #expect(try await group.next() == url) }
                    try await eventually("the latest") { try await system.heldRequests(url) == 4 }
                    _ = try await system.ask(RejectLogin(login: try system.login(url)))
                    for _ in 1...4 { #expect(try await group.next() == "") }
                }
            }
        }

        @Test("a login of another device says nothing to one that knows its address")
        func foreignAddress() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let url = try await system.client("laptop").register().authURL
                let thief = await system.client("thief")
                let answer = try await thief.follow(url)
                #expect(answer.authURL != url && answer.authURL != "")
                _ = try await system.approve(url, for: user)
                #expect(try await !thief.register().isMachineAuthorized)
                #expect(try await system.nodes().map(\.hostname) == ["laptop"])
            }
        }

        @Test(
            "an address that is none of ours is answered with a new one",
            arguments: [
                "https://evil.test/", "x", "/register/hskey-authreq-zz", "hskey-authreq-0123456789abcdef01234567",
                String(repeating: "a/", count: 100),
            ]
        )
        func oddAddress(url: String) async throws {
            try await LocalSystem.run { system in
                let answer = try await system.client("laptop").follow(url)
                #expect(answer.authURL.hasPrefix("http://127.0.0.1/register/hskey-authreq-"))
            }
        }

        @Test("a node key that another machine holds begins no login")
        func stolenNodeKey() async throws {
            try await LocalSystem.run { system in
                let owner = try await system.registered("owner")
                let key = await owner.nodeKey
                let thief = SimulatedNode(await system.address, hostname: "thief", nodeKey: key)
                #expect(try await thief.register().error == "the node key belongs to another machine")
                #expect(try await system.ask(ListLogins()).isEmpty)
            }
        }

        @Test("a device that logs in again keeps its node; as somebody else it gets another and finds the first again")
        func loginAgain() async throws {
            try await LocalSystem.run { system in
                let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
                let client = await system.client("laptop")
                let first = try await system.approve(try await client.register().authURL, for: alice)
                let again = try await system.approve(try await client.renewKey().authURL, for: alice)
                #expect(again.id == first.id && again.addresses == first.addresses)
                #expect(again.nodeKey != first.nodeKey)
                let other = try await system.approve(try await client.renewKey().authURL, for: bob)
                #expect(other.id != first.id)
                #expect(try await system.nodes().count == 2)
                let back = try await system.approve(try await client.renewKey().authURL, for: alice)
                #expect(back.id == first.id && back.addresses == first.addresses)
                #expect(try await system.nodes().map(\.user) == [alice.id, bob.id])
            }
        }

        @Test("without a user a device comes back to the one it had; a new device needs one")
        func approvedForOwner() async throws {
            try await LocalSystem.run { system in
                let alice = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                await #expect(throws: BusError.self) {
                    try await system.ask(ApproveLogin(login: try system.login(url), user: nil))
                }
                let first = try await system.approve(url, for: alice)
                let renewal = try await client.renewKey().authURL
                let again = try await system.ask(ApproveLogin(login: try system.login(renewal), user: nil))
                #expect(again.id == first.id)
            }
        }

        @Test("a node that is deleted does not come back by the login that made it")
        func deleted() async throws {
            try await LocalSystem.run { system in
                let alice = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let node = try await system.approve(url, for: alice)
                #expect(try await client.follow(url).isMachineAuthorized)
                _ = try await system.ask(DeleteNode(node: node.id))
                let answer = try await client.follow(url)
                #expect(!answer.isMachineAuthorized)
                #expect(answer.authURL != "" && answer.authURL != url)
            }
        }

        @Test("tags are not given to who merely logs in")
        func tags() async throws {
            try await LocalSystem.run { system in
                let answer = try await system.client("laptop").register(tags: ["tag:a"])
                #expect(answer.error == "requested tags [tag:a] are invalid or not permitted")
                #expect(try await system.ask(ListLogins()).isEmpty)
            }
        }
    }
}

extension LocalSystem {
    nonisolated func login(_ authURL: String) throws -> LoginID {
        try #require(LoginID(endOf: authURL))
    }

    func approve(_ authURL: String, for user: User) async throws -> Node {
        try await ask(ApproveLogin(login: try login(authURL), user: user.id))
    }
}
