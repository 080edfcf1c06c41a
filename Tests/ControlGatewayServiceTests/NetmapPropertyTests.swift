import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import TailcfgWire
import Testing

@testable import ControlGatewayService

@Suite("Network maps with a policy: properties")
struct NetmapPropertyTests {
    @Test("what a client has gathered is what a full map says now, whatever happened", arguments: 1...40)
    func accumulated(seed: Int) throws {
        var random = RandomPolicy(seed: seed)
        var world = PolicyWorld(users: RandomPolicy.users)
        // In these small networks no list of sources is long: short ones get filters of their own too in every other run.
        if seed % 2 == 0 { world.netmap.sourceTexts.longestInline = 30 }
        for raw in Int64(1)...10 {
            var node = Fixture.node(raw)
            random.edit(&node)
            world.put(node)
        }
        if random.chance(80) { world.set(policy: try random.document()) }
        try world.flush()
        for raw in Int64(1)...6 { try world.open(raw, isCompressed: random.chance(20)) }
        for step in 1...150 {
            try Self.change(&world, &random)
            guard random.chance(60) else { continue }
            try world.flush(slow: random.chance(10) ? [1, 2] : [])
            guard step % 5 == 0 else { continue }
            try world.flush()
            try world.check("seed \(seed), step \(step)")
        }
        try world.flush()
        try world.check("seed \(seed), end")
    }

    private static func change(_ world: inout PolicyWorld, _ random: inout RandomPolicy) throws {
        let raw = Int64.random(in: 1...14, using: &random)
        world.now += 1
        let now = world.now
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25:
            var node = world.node(raw) ?? Fixture.node(raw)
            random.edit(&node)
            world.put(node)
        case 25..<32: world.remove(raw)
        case 32..<45:
            let port = UInt16.random(in: 1...60_000, using: &random)
            let endpoint = IPEndpoint(address: .v4(IPv4Address(0x0A00_0001)), port: port)
            world.change(raw) { $0.endpoints = [NodeEndpoint(endpoint: endpoint, type: 1)] }
        case 45..<60:
            world.change(raw) {
                $0.isOnline.toggle()
                $0.lastSeen = now
            }
        case 60..<65: world.change(raw) { $0.givenName = "host\(raw)-\(Int(now.timeIntervalSince1970) % 5)" }
        case 65..<70:
            let user = Int64.random(in: RandomPolicy.users, using: &random)
            var row = PolicyWorld.user(user, [.admin, .member, .owner].randomElement(using: &random) ?? .member)
            row.displayName = random.chance(50) ? "" : "User \(user)"
            let groups = random.pick(["staff", "ops", "none"], 0...2).sorted()
            row.identity = UserIdentity(issuer: "https://id.test", subject: "\(user)", groups: groups)
            world.put(row)
        case 70..<76: world.set(policy: random.chance(15) ? nil : try random.document())
        case 76..<88: try world.open(raw, isCompressed: random.chance(20))
        case 88..<93: world.close(raw)
        case 93..<96: world.change(raw) { _ in }
        default: world.change(raw) { $0.homeDERP = random.chance(50) ? 901 : 902 }
        }
    }

    @Test("a client that reads nothing for a while ends with the right view", arguments: 1...8)
    func slow(seed: Int) throws {
        var random = RandomPolicy(seed: seed &+ 500)
        var world = PolicyWorld(users: RandomPolicy.users)
        for raw in Int64(1)...10 {
            var node = Fixture.node(raw)
            random.edit(&node)
            world.put(node)
        }
        world.set(policy: try random.document())
        try world.flush()
        for raw in Int64(1)...4 { try world.open(raw) }
        for _ in 1...60 {
            try Self.change(&world, &random)
            try world.flush(slow: [1, 2, 3, 4])
        }
        try world.flush()
        try world.check("seed \(seed)")
    }
}
