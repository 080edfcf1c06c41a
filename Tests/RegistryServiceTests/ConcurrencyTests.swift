import Bus
import BusInProcess
import ControlModel
import Foundation
import TestKit
import Testing

@testable import RegistryService

@Suite("Concurrent registrations", .timeLimit(.minutes(1)))
struct ConcurrencyTests {
    @Test("two hundred devices with one reusable key get distinct nodes, addresses and names")
    func crowd() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id)
            let nodes = try await withThrowingTaskGroup { group in
                for number in 1...200 {
                    group.addTask {
                        try await harness.admit(.fixture(machine: number, node: number, authKey: key, hostname: "web"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(nodes.map(\.id)).count == 200)
            #expect(Set(nodes.map(\.ipv4)).count == 200)
            #expect(Set(nodes.map(\.ipv6)).count == 200)
            #expect(Set(nodes.map(\.givenName)) == Set(["web"] + (1...199).map { "web-\($0)" }))
        }
    }

    @Test("of many devices with one single-use key exactly one is let in")
    func singleUse() async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id, isReusable: false)
            let responses = try await withThrowingTaskGroup { group in
                for number in 1...100 {
                    group.addTask { try await harness.register(.fixture(machine: number, node: number, authKey: key)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = responses.count { $0 == .refused("authkey already used") }
            #expect(refused == 99)
            #expect(try await harness.ask(ListNodes()).count == 1)
        }
    }

    @Test("one device that asks many times at once gets one node", arguments: [true, false])
    func sameDevice(isReusable: Bool) async throws {
        try await RegistryHarness.run { harness in
            let key = try await harness.authKey(try await harness.user().id, isReusable: isReusable)
            let nodes = try await withThrowingTaskGroup { group in
                for _ in 1...20 { group.addTask { try await harness.admit(.fixture(authKey: key)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(nodes.map(\.id)).count == 1)
            #expect(try await harness.ask(ListNodes()).count == 1)
        }
    }

    @Test("changes of commits at once are published in order, without a gap")
    func order() async throws {
        try await RegistryHarness.run { harness in
            let events = try await harness.bus.events(RegistryChanges.self, tailnet: .default)
            let key = try await harness.authKey(try await harness.user().id)
            try await withThrowingTaskGroup { group in
                for number in 1...100 {
                    group.addTask { _ = try await harness.admit(.fixture(machine: number, node: number, authKey: key)) }
                }
                try await group.waitForAll()
            }
            let last = try await harness.version()
            var versions: [Version] = []
            for await event in events {
                versions += event.changes.map(\.version)
                if versions.last ?? 0 >= last { break }
            }
            #expect(versions == Array(1...last))
        }
    }

    @Test("two registries on one database do not give out anything twice")
    func twoRegistries() async throws {
        let directory = try TemporaryDirectory()
        try await RegistryHarness.run(in: directory) { first in
            let key = try await first.authKey(try await first.user().id)
            try await RegistryHarness.run(in: directory) { second in
                let nodes = try await withThrowingTaskGroup { group in
                    for number in 1...40 {
                        let harness = number.isMultiple(of: 2) ? first : second
                        group.addTask {
                            try await harness.admit(.fixture(machine: number, node: number, authKey: key))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(nodes.map(\.id)).count == 40)
                #expect(Set(nodes.map(\.ipv4)).count == 40)
                #expect(Set(nodes.map(\.givenName)).count == 40)
            }
        }
    }
}
