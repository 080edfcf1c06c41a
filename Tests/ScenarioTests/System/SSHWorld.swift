import Bus
import ControlModel
import TestKit
import Testing

/// Alice's laptop and phone, and a server to which members log in by SSH after a check.
struct SSHWorld {
    typealias Party = (client: SimulatedNode, map: MapSession)

    let alice: User
    let laptop: Party
    let phone: Party
    let server: Party

    static func rule(period: String) -> String {
        """
        {"action": "check", "checkPeriod": "\(period)", "src": ["autogroup:member"], "dst": ["tag:server"],
         "users": ["root", "dev"]}
        """
    }

    static func policy(ssh: String) -> String {
        """
        {"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], "tagOwners": {"tag:server": []}, "ssh": [\(ssh)]}
        """
    }

    init(_ system: LocalSystem, period: String = "1h", alice: User? = nil) async throws {
        let alice = if let alice { alice } else { try await system.createUser("alice") }
        let key = try await system.createKey(of: alice, isReusable: true)
        let laptop = try await system.joined("laptop", key: key)
        let phone = try await system.joined("phone", key: key)
        let server = try await system.joined("server", key: system.createKey(of: nil, tags: ["tag:server"]))
        (self.alice, self.laptop, self.phone, self.server) = (alice, laptop, phone, server)
        try await system.publish(1, Self.policy(ssh: Self.rule(period: period)))
        try await eventually("the SSH policy") { !server.map.view.sshRules.isEmpty }
    }

    private init(alice: User, laptop: Party, phone: Party, server: Party) {
        (self.alice, self.laptop, self.phone, self.server) = (alice, laptop, phone, server)
    }

    /// The same after a restart, which takes the policy with it.
    func again(_ system: LocalSystem) async throws -> SSHWorld {
        let world = SSHWorld(
            alice: alice,
            laptop: (laptop.client, try await laptop.client.reconnect()),
            phone: (phone.client, try await phone.client.reconnect()),
            server: (server.client, try await server.client.reconnect())
        )
        try await system.publish(1, Self.policy(ssh: Self.rule(period: "1h")))
        try await eventually("the SSH policy") {
            !world.server.map.view.sshRules.isEmpty && world.laptop.map.view.own != nil
        }
        return world
    }

    /// From the laptop to the server.
    func session(_ account: String, from source: Party? = nil) throws -> SSHSession {
        try SSHSession(from: (source ?? laptop).map, to: server, as: account)
    }
}

extension LocalSystem {
    /// Goes all the way, with an administrator who approves.
    func confirmed(_ session: SSHSession) async throws -> SSHSession.Outcome {
        var shown = 0
        let outcome = try await session.open { text in
            shown += 1
            _ = try await ask(ApproveLogin(login: try login(text.shownAddress), user: nil))
        }
        #expect(shown == 1)
        return outcome
    }
}
