import Bus
import ControlModel
import Foundation
import TailcfgWire
import TestKit
import Testing

extension LocalSystem {
    func createUser(_ name: String) async throws -> User {
        try await ask(CreateUser(name: name))
    }

    /// A new auth key's text.
    func createKey(
        of user: User?,
        tags: [String] = [],
        isReusable: Bool = false,
        isEphemeral: Bool = false,
        isPreapproved: Bool = false,
        expiry: Date? = nil
    ) async throws -> String {
        try await ask(
            CreateAuthKey(
                user: user?.id,
                tags: tags,
                isReusable: isReusable,
                isEphemeral: isEphemeral,
                isPreapproved: isPreapproved,
                expiry: expiry
            )
        ).secret
    }

    /// All nodes, as the registry has them.
    func nodes() async throws -> [Node] {
        try await ask(ListNodes())
    }

    /// A client that has not yet said anything.
    func client(_ hostname: String, casing: KeyCasing = .go) -> SimulatedNode {
        SimulatedNode(address, hostname: hostname, casing: casing)
    }

    /// A client that is registered.
    func registered(_ hostname: String, key: String? = nil, casing: KeyCasing = .go) async throws -> SimulatedNode {
        let client = client(hostname, casing: casing)
        let authKey = if let key { key } else { try await self.key() }
        let answer = try await client.register(authKey: authKey)
        try #require(answer.error == "")
        try #require(answer.isMachineAuthorized)
        return client
    }

    /// A client that is registered and has its first map.
    func joined(
        _ hostname: String,
        key: String? = nil,
        options: SimulatedNode.MapOptions = .init()
    ) async throws -> (client: SimulatedNode, map: MapSession) {
        let client = try await registered(hostname, key: key)
        let map = try await client.startMap(options)
        try await eventually("the first map of \(hostname)") { map.view.own != nil }
        return (client, map)
    }
}
