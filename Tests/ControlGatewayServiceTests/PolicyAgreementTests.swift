import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import ServiceKit
import Testing

@testable import ControlGatewayService
@testable import PolicyService

/// The policy service and the gateways hold copies of the same rows, each their own, and follow them on their own.
@Suite("The policy service and gateways decide the same")
struct PolicyAgreementTests {
    @Test("on random networks with routers, whatever changed", arguments: 1...25)
    func agreement(seed: Int) async throws {
        var random = RandomPolicy(seed: seed &+ 9000)
        var world = PolicyWorld(users: RandomPolicy.users)
        let live = LiveNetwork()
        _ = await live.replace(with: RegistrySnapshot(version: 0, users: [], nodes: []))
        var told = 0
        for raw in Int64(1)...12 { world.put(Self.node(raw, &random)) }
        var revision = 0
        var text = ""
        for step in 1...40 {
            if step == 1 || random.chance(15) {
                text = random.text()
                revision += 1
                world.set(policy: try PolicyDocument.parse(text))
            }
            for _ in 1...3 { Self.change(&world, &random) }
            try world.flush()
            let isGap = await !live.apply(Array(world.changes[told...]))
            #expect(!isGap)
            told = world.changes.count
            guard step % 4 == 0 || step < 5 else { continue }
            let policy = PolicyRevision(revision: revision, text: text, author: "a", createdAt: world.now)
            Self.expectEqual(world.netmap.engine, try await live.engine(for: policy), "seed \(seed), step \(step)")
        }
    }

    @Test("the router that connected first is the first for both, and one that comes back stands last")
    func precedence() async throws {
        var world = PolicyWorld()
        let live = LiveNetwork()
        _ = await live.replace(with: RegistrySnapshot(version: 0, users: [], nodes: []))
        let route = try #require(IPPrefix("10.0.0.0/8"))
        for raw in Int64(1)...3 {
            var node = Fixture.node(raw)
            if raw < 3 {
                (node.hostinfo.routableIPs, node.approvedRoutes) = ([route], [route])
                node.lastSeen = Fixture.start.addingTimeInterval(raw == 1 ? 60 : 30)
            }
            world.put(node)
        }
        let text = #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#
        try world.set(policy: text)
        let policy = PolicyRevision(revision: 1, text: text, author: "a", createdAt: Fixture.start)
        var told = 0
        func routers() async throws -> [[Int64]] {
            try world.flush()
            _ = await live.apply(Array(world.changes[told...]))
            told = world.changes.count
            let engines = [world.netmap.engine, try await live.engine(for: policy)]
            return engines.map { $0.peers(of: 3).filter { $0.primaryRoutes == [route] }.map(\.id) }
        }
        #expect(try await routers() == [[2], [2]])
        world.change(2) { $0.isOnline = false }
        #expect(try await routers() == [[1], [1]])
        world.change(2) { ($0.isOnline, $0.lastSeen) = (true, Fixture.start.addingTimeInterval(90)) }
        #expect(try await routers() == [[1], [1]])
    }

    private static func expectEqual(_ gateway: PolicyEngine, _ service: PolicyEngine, _ place: String) {
        #expect(gateway.nodeIDs == service.nodeIDs, "\(place)")
        #expect(gateway.domains == service.domains, "\(place)")
        for id in gateway.nodeIDs {
            #expect(gateway.peers(of: id) == service.peers(of: id), "peers of \(id), \(place)")
            #expect(gateway.packetFilter(of: id) == service.packetFilter(of: id), "filter of \(id), \(place)")
            #expect(gateway.selfView(of: id) == service.selfView(of: id), "\(id) itself, \(place)")
            #expect(gateway.sshPolicy(of: id) == service.sshPolicy(of: id), "SSH of \(id), \(place)")
            #expect(gateway.routes(of: id) == service.routes(of: id), "routes of \(id), \(place)")
        }
    }

    /// A node that is often a router, as the registry may hold one: routes said twice, an owner from before its tags.
    private static func node(_ raw: Int64, _ random: inout RandomPolicy) -> Node {
        var node = Fixture.node(raw)
        random.edit(&node)
        if random.chance(30), node.isTagged { node.user = Fixture.id(1) }
        if random.chance(30), let route = node.hostinfo.routableIPs.first {
            node.hostinfo.routableIPs.append(route)
        }
        if random.chance(60), let route = IPPrefix("10.0.0.0/8") {
            node.hostinfo.routableIPs.append(route)
            node.approvedRoutes.append(route)
        }
        node.isOnline = random.chance(75)
        node.lastSeen =
            random.chance(90) ? Fixture.start.addingTimeInterval(Double.random(in: 0..<5, using: &random)) : nil
        node.hostinfo.clientVersion = random.chance(50) ? "1.90.1-t12" : "1.91"
        return node
    }

    private static func change(_ world: inout PolicyWorld, _ random: inout RandomPolicy) {
        let raw = Int64.random(in: 1...14, using: &random)
        world.now += 1
        let now = world.now
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: world.put(node(raw, &random))
        case 40..<50: world.remove(raw)
        case 50..<60: world.change(raw) { $0.hostinfo.clientVersion = "1.92.3-t\(raw)" }
        case 60..<70: world.change(raw) { $0.givenName = "host\(Int64(now.timeIntervalSince1970) % 7)" }
        case 70..<75:
            let user = Int64.random(in: RandomPolicy.users, using: &random)
            world.put(PolicyWorld.user(user, [.admin, .member, .owner].randomElement(using: &random) ?? .member))
        default:
            world.change(raw) {
                $0.isOnline.toggle()
                $0.lastSeen = now
            }
        }
    }
}
