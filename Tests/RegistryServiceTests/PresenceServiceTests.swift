import Bus
import BusInProcess
import ControlModel
import Foundation
import Keys
import Storage
import StorageSQLite
import TestKit
import Testing

@testable import RegistryService

@Suite("Presence and reports", .timeLimit(.minutes(1)))
struct PresenceServiceTests {
    @Test("a node is online while a gateway holds it, and offline after the grace period")
    func onlineOffline() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            #expect(try await harness.report(connected: [node.id]).wantsComplete)
            #expect(try await harness.node(node.id)?.isOnline == true)
            await harness.pass(.seconds(20))
            let left = harness.time.now
            #expect(try await !harness.report(disconnected: [node.id]).wantsComplete)
            await harness.registry.watchPresence()
            await harness.pass(.seconds(9))
            #expect(try await harness.node(node.id)?.isOnline == true)
            await harness.pass(.seconds(1))
            let offline = try await harness.node(node.id)
            #expect(offline?.isOnline == false)
            #expect(offline?.lastSeen == left)
        }
    }

    @Test("the nodes of a gateway that went silent go offline, from its last report on")
    func silentGateway() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let last = harness.time.now
            _ = try await harness.report(connected: [node.id])
            await harness.registry.watchPresence()
            await harness.pass(.seconds(29))
            #expect(try await harness.node(node.id)?.isOnline == true)
            await harness.pass(.seconds(1))
            let offline = try await harness.node(node.id)
            #expect(offline?.isOnline == false)
            #expect(offline?.lastSeen == last)
        }
    }

    @Test(
        "a node that appears at another gateway before the lease ends, or is back within the grace, is not seen to flap"
    )
    func moves() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            _ = try await harness.report(connected: [node.id])
            let version = try await harness.version()
            // Its lease is counted from now on, and ends while the other gateway holds the node.
            await harness.registry.watchPresence()
            await harness.pass(.seconds(25))
            for _ in 1...4 {
                _ = try await harness.report("h", connected: [node.id])
                await harness.pass(.seconds(9))
                _ = try await harness.report("h", disconnected: [node.id])
                await harness.pass(.seconds(9))
            }
            #expect(try await harness.version() == version)
        }
    }

    @Test("a step of the wall clock takes nobody offline")
    func wallClock() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let lost = try await harness.admitOne(number: 2)
            _ = try await harness.report(connected: [node.id, lost.id])
            _ = try await harness.report(disconnected: [lost.id])
            await harness.registry.watchPresence()
            for step in [86400, -200_000, 86400] {
                harness.time.stepWallClock(by: .seconds(step))
                await harness.pass(.seconds(3))
            }
            #expect(try await harness.node(lost.id)?.isOnline == true)
            await harness.pass(.seconds(1))
            #expect(try await harness.node(lost.id)?.isOnline == false)
            #expect(try await harness.node(node.id)?.isOnline == true)
        }
    }

    @Test("time in which nothing could be looked at, or the bus was away, does not count", arguments: [true, false])
    func interruption(isBusAway: Bool) async throws {
        let bus = BrokenBus(InProcessBus())
        try await RegistryHarness.run(bus: bus) { harness in
            let node = try await harness.admitOne()
            _ = try await harness.report(connected: [node.id])
            await harness.pass(.seconds(25))
            if isBusAway {
                bus.breakSubjects([CheckRegistry.subject])
                await harness.pass(.seconds(60))
                bus.breakSubjects([])
                await harness.registry.watchPresence()
            } else {
                harness.time.advance(by: .seconds(60))
                await harness.registry.watchPresence()
            }
            await harness.pass(.seconds(39))
            #expect(try await harness.node(node.id)?.isOnline == true)
            await harness.pass(.seconds(1))
            #expect(try await harness.node(node.id)?.isOnline == false)
        }
    }

    @Test("a report that comes late undoes nothing")
    func lateReport() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let report = { (sequence: Int64, isHeld: Bool) in
                try await harness.ask(
                    ReportPresence(
                        gateway: "g",
                        sequence: sequence,
                        connected: isHeld ? [node.id] : [],
                        disconnected: isHeld ? [] : [node.id],
                        isComplete: sequence == 2
                    )
                ).wantsComplete
            }
            #expect(try await !report(2, true))
            #expect(try await !report(1, false))
            #expect(try await harness.store.presence(of: .default) == PresenceSurvey(gateways: ["g": 2]))
            #expect(try await !report(3, true))
            #expect(try await report(5, true))
        }
    }

    @Test("reports are written, published once, and those that say nothing new change nothing")
    func statusReports() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let status = NodeStatus(discoKey: .fixture(5), hostinfo: node.hostinfo, homeDERP: 900)
            _ = try await harness.ask(ReportNodeStatus(node: node.id, status: status))
            let written = try await harness.wait(node.id) { $0?.homeDERP == 900 }
            #expect(written?.discoKey == .fixture(5))
            let version = try await harness.version()
            for _ in 1...3 { _ = try await harness.ask(ReportNodeStatus(node: node.id, status: status)) }
            _ = try await harness.ask(ReportNodeStatus(node: .fixture(99), status: status))
            // What comes after them is written after them.
            _ = try await harness.ask(ReportNodeStatus(node: node.id, status: NodeStatus(homeDERP: 901)))
            try await harness.wait(node.id) { $0?.homeDERP == 901 }
            #expect(try await harness.version() == version + 1)
        }
    }

    @Test("a hostname reported later renames the node")
    func hostnameReport() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let status = NodeStatus(hostinfo: .fixture(hostname: "New Name"), homeDERP: 7)
            _ = try await harness.ask(ReportNodeStatus(node: node.id, status: status))
            let renamed = try await harness.wait(node.id) { $0?.givenName == "new-name" }
            #expect(renamed?.hostname == "New Name")
            #expect(renamed?.homeDERP == 7)
        }
    }

    @Test("an ephemeral node is removed when it was away for the timeout, counted from its first contact")
    func ephemeral() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne(isEphemeral: true)
            let lasting = try await harness.admitOne(number: 2)
            harness.time.advance(by: .seconds(30 * 60 - 1))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)

            _ = try await harness.report(connected: [node.id, lasting.id])
            try await harness.wait(node.id) { $0?.isOnline == true }
            harness.time.advance(by: .seconds(3600))
            _ = try await harness.report(connected: [])
            await harness.registry.watchPresence()
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)

            _ = try await harness.report(disconnected: [node.id, lasting.id])
            await harness.registry.watchPresence()
            await harness.pass(.seconds(10))
            #expect(try await harness.node(node.id)?.isOnline == false)
            harness.time.advance(by: .seconds(30 * 60 - 11))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)
            harness.time.advance(by: .seconds(1))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) == nil)
            #expect(try await harness.node(lasting.id) != nil)
        }
    }

    @Test(
        "an ephemeral node that never connected is removed after half an hour, or after a longer timeout",
        arguments: [120, 3600]
    )
    func ephemeralNeverConnected(timeout: Int) async throws {
        try await RegistryHarness.run(configure: { $0.ephemeralTimeout = .seconds(timeout) }) { harness in
            let node = try await harness.admitOne(isEphemeral: true)
            let lasting = try await harness.admitOne(number: 2)
            harness.time.advance(by: .seconds(max(1800, timeout) - 1))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)
            harness.time.advance(by: .seconds(1))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) == nil)
            #expect(try await harness.node(lasting.id) != nil)
        }
    }

    @Test("an ephemeral node that comes back is not removed before it connects")
    func ephemeralComesBack() async throws {
        try await RegistryHarness.run(configure: { $0.ephemeralTimeout = .seconds(120) }) { harness in
            let node = try await harness.admitOne(isEphemeral: true)
            _ = try await harness.report(connected: [node.id])
            try await harness.wait(node.id) { $0?.isOnline == true }
            _ = try await harness.report(disconnected: [node.id])
            await harness.registry.watchPresence()
            await harness.pass(.seconds(10))
            #expect(try await harness.node(node.id)?.isOnline == false)
            harness.time.advance(by: .seconds(119))
            #expect(try await harness.admit(.fixture(hostname: "node1")).id == node.id)
            harness.time.advance(by: .seconds(60))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)
            harness.time.advance(by: .seconds(60))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) == nil)
        }
    }

    @Test("what was reported last is written in shutdown, and known after a restart")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let time = ManualTime()
        var kept: Node?
        var serverKey: String?
        try await RegistryHarness.run(in: directory, time: time) { harness in
            let node = try await harness.admitOne(isEphemeral: true)
            serverKey = try await harness.ask(FetchServerKey()).noiseKey
            _ = try await harness.report(connected: [node.id])
            kept = try await harness.wait(node.id) { $0?.isOnline == true }
        }
        try await RegistryHarness.run(in: directory, time: time) { harness in
            let node = try #require(kept)
            #expect(try await harness.ask(GetNode(node: node.id)) == node)
            #expect(try await harness.ask(FetchServerKey()).noiseKey == serverKey)
            #expect(try await harness.admit(.fixture(hostname: "node1")) == node)
            await harness.pass(.seconds(39))
            #expect(try await harness.node(node.id)?.isOnline == true)
            await harness.pass(.seconds(1))
            #expect(try await harness.node(node.id)?.isOnline == false)
            time.advance(by: .seconds(3600))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) == nil)
        }
    }
}

extension RegistryHarness {
    func admitOne(number: Int = 1, isEphemeral: Bool = false) async throws -> Node {
        let users = try await ask(ListUsers())
        let user = if let first = users.first { first } else { try await user() }
        let key = try await authKey(user.id, isEphemeral: isEphemeral)
        return try await admit(.fixture(machine: number, node: number, authKey: key, hostname: "node\(number)"))
    }

    func report(
        _ gateway: String = "g",
        connected: [NodeID] = [],
        disconnected: [NodeID] = []
    ) async throws -> ReportPresence.Response {
        try await ask(
            ReportPresence(gateway: gateway, connected: connected, disconnected: disconnected, isComplete: false)
        )
    }

    @discardableResult
    func wait(_ id: NodeID, until condition: (Node?) -> Bool) async throws -> Node? {
        try await eventually("the node's state", read: { try await node(id) }, until: condition)
    }
}
