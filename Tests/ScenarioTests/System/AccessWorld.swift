import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

/// Clients of two users and a tagged server, and who of them reaches whom by what their maps say.
struct AccessWorld {
    typealias Party = (client: SimulatedNode, map: MapSession)

    let system: LocalSystem
    let alice: User
    let bob: User
    private(set) var parties: [String: Party]

    /// `a1` and `a2` are of alice, `b1` and `b2` of bob, `s` is tagged `tag:server`.
    init(_ system: LocalSystem) async throws {
        self.system = system
        alice = try await system.createUser("alice")
        bob = try await system.createUser("bob")
        parties = [:]
        for (user, names) in [(alice, ["a1", "a2"]), (bob, ["b1", "b2"])] {
            let key = try await system.createKey(of: user, isReusable: true)
            for name in names { parties[name] = try await system.joined(name, key: key) }
        }
        let key = try await system.createKey(of: nil, tags: ["tag:server"])
        parties["s"] = try await system.joined("s", key: key)
    }

    /// Another client, of a key.
    mutating func join(_ name: String, key: String) async throws {
        parties[name] = try await system.joined(name, key: key)
    }

    mutating func leave(_ name: String) async throws {
        parties[name] = nil
        let node = try await system.node(name)
        _ = try await system.ask(DeleteNode(node: node.id))
    }

    /// The text with addresses in place of `@name`.
    func withAddresses(_ text: String) -> String {
        parties.reduce(text) { text, party in
            let address = party.value.map.view.own?.addresses.first?.address.description ?? ""
            return text.replacing("@\(party.key)", with: address)
        }
    }

    func map(_ name: String) throws -> MapSession { try #require(parties[name]).map }

    /// Whether the client `from` sees `to`, and `to` lets it in.
    func reaches(_ from: String, _ to: String, port: UInt16) throws -> Bool {
        let (source, destination) = (try map(from).view, try map(to).view)
        let own = (source.own?.addresses ?? []).map(\.address.description)
        let target = (destination.own?.addresses ?? []).map(\.address.description)
        guard source.peer(named: to) != nil else { return false }
        return destination.filters.values.joined().contains { rule in
            rule.takes(own)
                && (rule.destinations ?? []).contains { destination in
                    (destination.ports.first...destination.ports.last).contains(port)
                        && destination.ip.covers(anyOf: target)
                }
        }
    }

    /// All pairs that reach each other at a port, as `a1>s`.
    func pairs(port: UInt16) throws -> Set<String> {
        var pairs: Set<String> = []
        for from in parties.keys {
            for to in parties.keys where from != to {
                if try reaches(from, to, port: port) { pairs.insert("\(from)>\(to)") }
            }
        }
        return pairs
    }

    /// Waits until these pairs and no others reach each other at a port; `a*>s` is for each client whose name begins so.
    func expect(_ pairs: String, port: UInt16 = 80, line: Int = #line) async throws {
        var expected: Set<String> = []
        for pair in pairs.split(separator: " ") {
            let ends = pair.split(separator: ">").map(String.init)
            for from in matching(ends[0]) {
                for to in matching(ends[1]) where from != to { expected.insert("\(from)>\(to)") }
            }
        }
        try await eventually("line \(line): who reaches whom at \(port)", read: { try self.pairs(port: port) }) {
            $0 == expected
        }
    }

    private func matching(_ pattern: String) -> [String] {
        guard pattern.hasSuffix("*") else { return [pattern] }
        return parties.keys.filter { $0.hasPrefix(pattern.dropLast()) }
    }
}
