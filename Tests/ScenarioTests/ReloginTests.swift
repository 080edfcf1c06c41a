import Bus
import ControlModel
import Foundation
import IPAddresses
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Logout and new login of all devices at once.
    @Suite("Everybody logs in again")
    struct Relogin {
        /// Two devices of each of two users, all seeing each other.
        private struct Crowd {
            var clients: [SimulatedNode] = []
            var maps: [MapSession] = []
            var users: [User] = []
        }

        private static let names = ["alice1", "alice2", "bob1", "bob2"]

        private func crowd(
            _ system: LocalSystem,
            joining: (SimulatedNode, User) async throws -> Void
        ) async throws -> Crowd {
            var crowd = Crowd()
            for name in ["alice", "bob"] {
                let user = try await system.createUser(name)
                crowd.users.append(user)
                for number in 1...2 {
                    let client = await system.client("\(name)\(number)")
                    try await joining(client, user)
                    crowd.clients.append(client)
                    crowd.maps.append(try await client.startMap())
                }
            }
            try await expectAllSeen(crowd.maps)
            return crowd
        }

        private func expectAllSeen(_ maps: [MapSession], count: Int = 3) async throws {
            try await eventually("all see each other, online") {
                maps.allSatisfy { map in
                    map.view.peers.count == count && map.view.peers.values.allSatisfy { $0.isOnline == true }
                }
            }
            for map in maps { #expect(map.snapshot.faults == []) }
        }

        private func logOut(_ crowd: Crowd, _ system: LocalSystem) async throws {
            for client in crowd.clients {
                try await client.logout()
                await client.disconnect()
            }
            #expect(try await system.nodes().allSatisfy { $0.isExpired(at: system.time.now) })
        }

        /// What stays when somebody comes back.
        private func identities(_ system: LocalSystem) async throws -> Set<String> {
            Set(try await system.nodes().map { "\($0.id) \($0.addresses) \($0.givenName) \($0.user as Any)" })
        }

        @Test("with auth keys: all log out, all come back as before, see each other, and nobody is there twice")
        func sameUserByKey() async throws {
            try await LocalSystem.run { system in
                let crowd = try await crowd(system) { client, user in
                    let key = try await system.createKey(of: user)
                    try #require(try await client.register(authKey: key).isMachineAuthorized)
                }
                let before = try await identities(system)
                try await logOut(crowd, system)
                var maps: [MapSession] = []
                for (index, client) in crowd.clients.enumerated() {
                    let key = try await system.createKey(of: crowd.users[index / 2])
                    #expect(try await client.renewKey(authKey: key).isMachineAuthorized)
                    maps.append(try await client.startMap())
                }
                #expect(try await identities(system) == before)
                try await expectAllSeen(maps)
            }
        }

        @Test("with auth keys: all come back as one user, who gets new nodes of the others' devices; theirs stay")
        func newUserByKey() async throws {
            try await LocalSystem.run { system in
                let crowd = try await crowd(system) { client, user in
                    let key = try await system.createKey(of: user)
                    try #require(try await client.register(authKey: key).isMachineAuthorized)
                }
                let before = try await identities(system)
                try await logOut(crowd, system)
                let key = try await system.createKey(of: crowd.users[0], isReusable: true)
                for client in crowd.clients {
                    #expect(try await client.renewKey(authKey: key).isMachineAuthorized)
                }
                #expect(try await identities(system).isSuperset(of: before))
                let nodes = try await system.nodes()
                #expect(nodes.count { $0.user == crowd.users[0].id } == 4)
                let kept = nodes.filter { $0.user == crowd.users[1].id }
                #expect(kept.count == 2 && kept.allSatisfy { $0.isExpired(at: system.time.now) })
                #expect(Set(nodes.flatMap(\.addresses)).count == 12)
            }
        }

        @Test("routes that the policy approves serve again once their router is back under a new key")
        func routes() async throws {
            try await LocalSystem.run { system in
                let bob = try await system.createUser("bob")
                try await system.publish(
                    1,
                    #"{"autoApprovers": {"routes": {"10.9.0.0/16": ["bob@"]}}, "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#
                )
                let (_, watcher) = try await system.joined("watcher")
                let router = try await system.registered("router", key: system.createKey(of: bob))
                try await router.update { $0.routableIPs = [IPPrefix("10.9.1.0/24")].compactMap(\.self) }
                try await router.startMap()
                func served() -> Bool {
                    watcher.view.peer(named: "router")?.allowedIPs?.map(\.description).contains("10.9.1.0/24") == true
                }
                try await eventually("the route") { served() }
                try await router.logout()
                await router.disconnect()
                try await eventually("the router's key has ended") {
                    watcher.view.peer(named: "router")?.isExpired == true
                }
                #expect(try await router.renewKey(authKey: system.createKey(of: bob)).isMachineAuthorized)
                try await router.startMap()
                let renewed = await router.nodeKey.publicKey
                try await eventually("the route again, under the new key") {
                    served() && watcher.view.peer(named: "router")?.key == renewed
                        && watcher.view.peer(named: "router")?.isExpired != true
                }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("let in by an administrator: all see each other; after a logout all come back as before")
        func sameUserByApproval() async throws {
            try await LocalSystem.run { system in
                let crowd = try await crowd(system) { client, user in
                    let url = try await client.register().authURL
                    _ = try await system.approve(url, for: user)
                    try #require(try await client.follow(url).isMachineAuthorized)
                }
                let before = try await identities(system)
                try await logOut(crowd, system)
                var maps: [MapSession] = []
                for (index, client) in crowd.clients.enumerated() {
                    let url = try await client.renewKey().authURL
                    _ = try await system.approve(url, for: crowd.users[index / 2])
                    #expect(try await client.follow(url).isMachineAuthorized)
                    maps.append(try await client.startMap())
                }
                #expect(try await identities(system) == before)
                try await expectAllSeen(maps)
            }
        }

        @Test(
            "let in by an administrator as another user: new nodes of that user, and the old ones stay for their owners"
        )
        func newUserByApproval() async throws {
            try await LocalSystem.run { system in
                let crowd = try await crowd(system) { client, user in
                    let url = try await client.register().authURL
                    _ = try await system.approve(url, for: user)
                    try #require(try await client.follow(url).isMachineAuthorized)
                }
                let before = try await identities(system)
                try await logOut(crowd, system)
                for client in crowd.clients {
                    let url = try await client.renewKey().authURL
                    _ = try await system.approve(url, for: crowd.users[0])
                    #expect(try await client.follow(url).login.loginName == "alice")
                }
                #expect(try await identities(system).isSuperset(of: before))
                let nodes = try await system.nodes()
                #expect(nodes.count { $0.user == crowd.users[0].id } == 4)
                #expect(nodes.count { $0.user == crowd.users[1].id } == 2)
            }
        }
    }
}
