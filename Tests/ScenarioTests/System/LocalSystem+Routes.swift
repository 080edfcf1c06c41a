import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension LocalSystem {
    /// A client that announces routes from its first word on, with its first map.
    func router(
        _ hostname: String,
        _ routes: [String],
        key: String? = nil
    ) async throws -> (client: SimulatedNode, map: MapSession) {
        let client = client(hostname)
        await client.describe { $0.routableIPs = prefixes(routes) }
        let authKey = if let key { key } else { try await self.key() }
        let answer = try await client.register(authKey: authKey)
        try #require(answer.error == "")
        let map = try await client.startMap()
        try await eventually("the first map of \(hostname)") { map.view.own != nil }
        try await eventually("\(hostname) is online") {
            try await nodes().first { $0.givenName == hostname }?.isOnline == true
        }
        return (client, map)
    }

    /// Approves routes of a node, in place of those before.
    func approve(_ name: String, _ routes: String...) async throws {
        _ = try await ask(SetNodeRoutes(node: try await node(name).id, routes: prefixes(routes)))
    }

    func expect(_ route: String, through name: String, at watcher: MapSession) async throws {
        try await eventually("the route goes through \(name)", read: { watcher.view.carriers(of: route) }) {
            $0 == [name]
        }
    }

    /// A later change comes and shows the route where it was; it went nowhere else in between.
    func expectStill(_ route: String, through name: String, at watcher: MapSession) async throws {
        let before = watcher.snapshot.messageCount
        let mark = try await router("mark\(watcher.view.peers.count)", [])
        let marked = try #require(mark.map.view.own?.id)
        try await eventually("a later change is seen") { watcher.view.peers[marked]?.isOnline == true }
        #expect(watcher.view.carriers(of: route) == [name])
        let told = watcher.snapshot.messages(after: before).flatMap { $0.peersChanged ?? [] }
        let carriers = told.filter { $0.allowedIPs?.contains { $0.description == route } == true }
        #expect(carriers.allSatisfy { $0.name.prefix { $0 != "." } == name })
    }

    /// Loses a client, and waits until its peers hear of it.
    func lose(_ client: SimulatedNode, _ name: String) async throws {
        await client.disconnect()
        try await eventually("\(name) is offline") {
            time.advance(by: .milliseconds(500))
            return try await node(name).isOnline == false
        }
    }
}

func prefixes(_ texts: [String]) -> [IPPrefix] { texts.compactMap { IPPrefix($0) } }

extension NetworkView {
    /// Routes of a peer beside its own addresses, in order.
    func routes(_ name: String) -> [String]? {
        guard let peer = peer(named: name) else { return nil }
        return (peer.allowedIPs ?? []).filter { !peer.addresses.contains($0) }.map(\.description).sorted()
    }

    /// The peers through which a route goes.
    func carriers(of route: String) -> [String] {
        peers.values.filter { $0.allowedIPs?.contains { $0.description == route } == true }
            .map { String($0.name.prefix { $0 != "." }) }.sorted()
    }

    /// Where a filter lets others go.
    var filterDestinations: Set<String> {
        Set((filters["base"] ?? []).flatMap { ($0.destinations ?? []).map(\.ip) })
    }
}
