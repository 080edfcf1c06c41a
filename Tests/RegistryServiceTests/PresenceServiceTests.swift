import Bus
import ControlModel
import Foundation
import Keys
import Synchronization
import TestKit
import Testing

@testable import RegistryService

@Suite("Presence and reports", .timeLimit(.minutes(1)))
struct PresenceServiceTests {
    @Test("a node is online while a gateway holds it, and offline after the grace period")
    func onlineOffline() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let answer = try await harness.report(connected: [node.id])
            #expect(answer.wantsComplete)
            try await harness.wait(node.id) { $0?.isOnline == true }
            harness.time.advance(by: .seconds(20))
            let left = harness.time.now
            #expect(try await !harness.report(disconnected: [node.id]).wantsComplete)
            harness.time.advance(by: .seconds(9))
            harness.registry.tickPresence()
            #expect(harness.registry.presence.withLock { $0.tick(at: harness.time.uptime) }.isEmpty)
            harness.time.advance(by: .seconds(1))
            harness.registry.tickPresence()
            let offline = try await harness.wait(node.id) { $0?.isOnline == false }
            #expect(offline?.lastSeen == left)
        }
    }

    @Test("the nodes of a gateway that went silent go offline, from its last report on")
    func silentGateway() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            let last = harness.time.now
            _ = try await harness.report(connected: [node.id])
            try await harness.wait(node.id) { $0?.isOnline == true }
            for _ in 1...2 {
                harness.time.advance(by: .seconds(30))
                harness.registry.tickPresence()
            }
            let offline = try await harness.wait(node.id) { $0?.isOnline == false }
            #expect(offline?.lastSeen == last)
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
            harness.time.advance(by: .seconds(86400))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)

            _ = try await harness.report(connected: [node.id, lasting.id])
            try await harness.wait(node.id) { $0?.isOnline == true }
            harness.time.advance(by: .seconds(3600))
            _ = try await harness.report(connected: [])
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)

            _ = try await harness.report(disconnected: [node.id, lasting.id])
            harness.time.advance(by: .seconds(10))
            harness.registry.tickPresence()
            try await harness.wait(node.id) { $0?.isOnline == false }
            harness.time.advance(by: .seconds(30 * 60 - 11))
            await harness.registry.removeIdleEphemerals()
            #expect(try await harness.node(node.id) != nil)
            harness.time.advance(by: .seconds(1))
            try await harness.waitForRemoval(of: node.id)
            #expect(try await harness.node(lasting.id) != nil)
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
            time.advance(by: .seconds(39))
            harness.registry.tickPresence()
            #expect(try await harness.node(node.id)?.isOnline == true)
            time.advance(by: .seconds(1))
            harness.registry.tickPresence()
            try await harness.wait(node.id) { $0?.isOnline == false }
            time.advance(by: .seconds(3600))
            try await harness.waitForRemoval(of: node.id)
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

    func report(connected: [NodeID] = [], disconnected: [NodeID] = []) async throws -> ReportPresence.Response {
        try await ask(
            ReportPresence(gateway: "g", connected: connected, disconnected: disconnected, isComplete: false)
        )
    }

    @discardableResult
    func wait(_ id: NodeID, until condition: (Node?) -> Bool) async throws -> Node? {
        try await eventually("the node's state", read: { try await node(id) }, until: condition)
    }

    /// The roster hears of a commit a moment after the database shows it.
    func waitForRemoval(of id: NodeID) async throws {
        try await eventually("removal") {
            await registry.removeIdleEphemerals()
            return try await node(id) == nil
        }
    }
}
