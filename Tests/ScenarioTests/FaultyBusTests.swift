import Bus
import ControlModel
import Keys
import Synchronization
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Faulty bus", .only(in: .allInOne, because: "real gateways are cut off in Tests/ProcessTests"))
    struct FaultyBusScenario {
        @Test("with events lost, repeated and late, what clients see becomes what the registry has", arguments: 1...3)
        func faults(seed: UInt64) async throws {
            let (options, bus) = Self.options(seed: seed, .init(lost: 0.3, repeated: 0.15, late: 0.15))
            try await LocalSystem.run(options) { system in
                var maps: [MapSession] = []
                for number in 1...4 { maps.append(try await system.joined("first-\(number)").map) }
                var random = SeededRandom(seed: seed)
                for round in 1...60 {
                    let nodes = try await system.nodes()
                    let node = try #require(nodes.randomElement(using: &random))
                    switch round % 10 {
                    case 0: maps.append(try await system.joined("later-\(round)").map)
                    case 5:
                        // Of those without a stream here: theirs would end.
                        let extra = try await system.registered("gone-\(round)")
                        _ = try await system.ask(DeleteNode(node: Self.id(of: extra, in: system)))
                    default: _ = try await system.ask(RenameNode(node: node.id, name: "renamed-\(round)"))
                    }
                }
                try await Self.expectConvergence(of: maps, in: system)
                for map in maps { #expect(map.snapshot.faults == []) }
                let tally = try #require(bus.current).tally
                #expect(tally.lost > 0 && tally.repeated > 0 && tally.late > 0 && tally.whole > 0)
            }
        }

        @Test("a gateway that was cut off serves what it has, and catches up")
        func partition() async throws {
            let (options, bus) = Self.options(seed: 1, .none)
            try await LocalSystem.run(options) { system in
                let (stays, map) = try await system.joined("stays")
                let (_, watcher) = try await system.joined("watcher")
                let extra = try await system.registered("extra")
                try await Self.expectConvergence(of: [map, watcher], in: system)
                let gateway = try #require(bus.current)
                gateway.setCutOff(true)
                let before = watcher.view
                for round in 1...30 {
                    _ = try await system.ask(
                        RenameNode(node: Self.id(of: stays, in: system), name: "cut-\(round)")
                    )
                }
                _ = try await system.ask(DeleteNode(node: Self.id(of: extra, in: system)))
                _ = try await system.createUser("bob")
                // Whoever comes back gets the map of before.
                let again = try await stays.reconnect()
                try await eventually("a map while cut off") { again.view.own != nil }
                #expect(again.view.own?.name == "stays.\(LocalSystem.baseDomain).")
                #expect(watcher.view == before)
                gateway.setCutOff(false)
                try await Self.expectConvergence(of: [again, watcher], in: system)
                #expect(again.view.own?.name == "cut-30.\(LocalSystem.baseDomain).")
                #expect(watcher.view.peer(named: "extra") == nil)
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a report that a registry took and forgot is made again")
        func forgottenReport() async throws {
            var options = LocalSystem.Options()
            let forgetful = Latest<ForgetfulBus>()
            options.gatewayBus = { forgetful.keep(ForgetfulBus($0)) }
            try await LocalSystem.run(options) { system in
                let (client, _) = try await system.joined("laptop")
                try await eventually("its first report is written", read: system.nodes) {
                    $0.allSatisfy { !$0.discoKey.isZero }
                }
                let bus = try #require(forgetful.current)
                bus.forgetNextReport()
                try await client.update(homeDERP: 901)
                #expect(bus.hasForgotten)
                try await eventually("the report is written", read: system.nodes) { $0.first?.homeDERP == 901 }
            }
        }

        private static func options(
            seed: UInt64,
            _ faults: FaultyBus.Faults
        ) -> (LocalSystem.Options, Latest<FaultyBus>) {
            var options = LocalSystem.Options()
            let bus = Latest<FaultyBus>()
            options.gatewayBus = { bus.keep(FaultyBus($0, seed: seed, faults: faults)) }
            return (options, bus)
        }

        /// Waits until every view holds exactly the registry's nodes, by name and key.
        private static func expectConvergence(of maps: [MapSession], in system: LocalSystem) async throws {
            try await eventually("all views are as the registry") {
                let nodes = try await system.nodes()
                let expected = Set(nodes.map { "\($0.givenName).\(LocalSystem.baseDomain). \($0.nodeKey)" })
                return maps.allSatisfy { map in
                    let seen = [map.view.own].compactMap(\.self) + map.view.peers.values
                    return Set(seen.map { "\($0.name) \($0.key)" }) == expected
                }
            }
        }

        private static func id(of client: SimulatedNode, in system: LocalSystem) async throws -> NodeID {
            let key = await client.nodeKey.publicKey
            return try #require(try await system.nodes().first { $0.nodeKey == key }).id
        }
    }
}

/// What a system was last given.
private final class Latest<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    var current: Value? { value.withLock { $0 } }

    func keep(_ new: Value) -> Value {
        value.withLock { $0 = new }
        return new
    }
}

/// A bus on which one report reaches a registry that ends before it writes.
private final class ForgetfulBus: Bus {
    private enum Memory {
        case good, forgetsNext, hasForgotten
    }

    private let bus: any Bus
    private let memory = Mutex(Memory.good)

    init(_ bus: any Bus) {
        self.bus = bus
    }

    var hasForgotten: Bool { memory.withLock { $0 == .hasForgotten } }

    func forgetNextReport() {
        memory.withLock { $0 = .forgetsNext }
    }

    func request<Request: BusRequest>(
        _ request: Request,
        tailnet: TailnetID,
        timeout: Duration
    ) async throws(BusError) -> Request.Response {
        let isForgotten = memory.withLock { memory in
            guard memory == .forgetsNext, request is ReportNodeStatus else { return false }
            memory = .hasForgotten
            return true
        }
        if isForgotten, let done = Done() as? Request.Response { return done }
        return try await bus.request(request, tailnet: tailnet, timeout: timeout)
    }

    func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError) {
        try await bus.publish(event, tailnet: tailnet)
    }

    func events<Event: BusEvent>(
        _ type: Event.Type,
        tailnet: TailnetID
    ) async throws(BusError) -> AsyncStream<Event> {
        try await bus.events(type, tailnet: tailnet)
    }

    func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError) {
        try await bus.serve(type, tailnet: tailnet, handler: handler)
    }
}
