import ControlModel
import Foundation
import IPAddresses
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Maps")
    struct Maps {
        @Test("the first map says all that a client needs", arguments: [true, false])
        func firstMap(isCompressed: Bool) async throws {
            try await LocalSystem.run { system in
                let (client, map) = try await system.joined("laptop", options: .init(isCompressed: isCompressed))
                let own = try #require(map.view.own)
                #expect(own.name == "laptop.\(LocalSystem.baseDomain).")
                #expect(own.key == (await client.nodeKey.publicKey))
                #expect(own.machine == client.machineKey.publicKey)
                #expect(own.isMachineAuthorized == true)
                #expect(own.allowedIPs ?? own.addresses == own.addresses)
                #expect(map.view.profiles[own.user]?.loginName == "alice")
                #expect(map.view.derpMap?.regions?[901]?.nodes?.first?.hostName == "derp.test")
                #expect(map.view.dns?.isProxied == true)
                #expect(map.view.dns?.domains?.contains(LocalSystem.baseDomain) == true)
                #expect(map.view.domain == LocalSystem.baseDomain)
                #expect(map.view.filters["base"]?.isEmpty == false)
                #expect(map.view.peers.isEmpty)
                let first = try #require(map.snapshot.recent.first)
                #expect(first.peers == nil)
                #expect(first.collectServices == false)
                #expect(first.debug?.disableLogTail == true)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a second node is seen by the first, and sees it")
        func secondNode() async throws {
            try await LocalSystem.run { system in
                let (first, firstMap) = try await system.joined("first")
                let (second, secondMap) = try await system.joined("second")
                try await eventually("the first sees the second", within: .seconds(5)) {
                    firstMap.view.peer(named: "second")?.isOnline == true
                }
                try await eventually("the second sees the first", within: .seconds(5)) {
                    secondMap.view.peer(named: "first")?.isOnline == true
                }
                let peer = try #require(firstMap.view.peer(named: "second"))
                let own = try #require(secondMap.view.own)
                #expect(peer.id == own.id)
                #expect(peer.stableID == own.stableID)
                #expect(peer.key == (await second.nodeKey.publicKey))
                try await eventually("the disco keys are known") {
                    let (ofFirst, ofSecond) = (await first.discoKey.publicKey, await second.discoKey.publicKey)
                    return firstMap.view.peer(named: "second")?.discoKey == ofSecond
                        && secondMap.view.peer(named: "first")?.discoKey == ofFirst
                }
                #expect(peer.addresses == own.addresses)
                #expect(firstMap.snapshot.faults == [])
                #expect(secondMap.snapshot.faults == [])
            }
        }

        @Test("endpoints, home relay and disco key of a peer come as patches")
        func patches() async throws {
            try await LocalSystem.run { system in
                let (watcher, map) = try await system.settledPair("watcher", "mover")
                let mover = watcher.other
                let before = map.snapshot
                let endpoints = [IPEndpoint("192.0.2.7:41641"), IPEndpoint("[2001:db8::7]:41641")].compactMap(\.self)
                try await mover.update(endpoints: endpoints)
                try await eventually("the endpoints") { map.view.peer(named: "mover")?.endpoints == endpoints }
                try await mover.update(homeDERP: 901)
                try await eventually("the home relay") { map.view.peer(named: "mover")?.homeDERP == 901 }
                try await mover.update(newDiscoKey: true)
                let disco = await mover.discoKey.publicKey
                try await eventually("the disco key") { map.view.peer(named: "mover")?.discoKey == disco }
                try await mover.update(endpoints: [])
                try await eventually("no endpoints") { map.view.peer(named: "mover")?.endpoints == [] }
                let news = map.snapshot.messages(after: before.messageCount)
                #expect(news.count == 4)
                for message in news {
                    #expect(message.peersChangedPatch?.count == 1)
                    #expect(message.peersChanged == nil)
                    #expect(message.peers == nil)
                    #expect(message.node == nil)
                }
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("what the watcher cannot see and what did not change is not sent")
        func silence() async throws {
            try await LocalSystem.run { system in
                let (watcher, map) = try await system.settledPair("watcher", "mover")
                let mover = watcher.other
                try await mover.update(homeDERP: 901)
                try await eventually("the home relay") { map.view.peer(named: "mover")?.homeDERP == 901 }
                let before = map.snapshot.messageCount
                for _ in 0..<3 { try await mover.update() }
                try await mover.register()
                // Versions and network reports are not for peers.
                try await mover.update { hostinfo in
                    hostinfo.osVersion = "6.6.6"
                    hostinfo.goVersion = "go1.99"
                    hostinfo.netInfo?.firewallMode = "nft"
                }
                _ = try await system.createUser("nobody")
                _ = try await system.createKey(of: nil, tags: ["tag:unused"])
                let endpoints = [IPEndpoint("192.0.2.99:1")].compactMap(\.self)
                try await mover.update(endpoints: endpoints)
                try await eventually("the marker") { map.view.peer(named: "mover")?.endpoints == endpoints }
                #expect(map.snapshot.messageCount == before + 1)
                #expect(map.snapshot.recent.last?.peersChangedPatch?.count == 1)
            }
        }

        @Test("a node is told of itself once, and its own reports do not come back to it")
        func noEcho() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "mover")
                let own = try #require(await pair.other.session)
                let endpoints = [IPEndpoint("192.0.2.1:1")].compactMap(\.self)
                try await pair.watcher.update(endpoints: endpoints)
                try await eventually("its gateway knows all there was") {
                    own.view.peer(named: "watcher")?.endpoints == endpoints
                }
                let settled = own.snapshot.messageCount
                try await pair.other.update(endpoints: endpoints, homeDERP: 901)
                try await eventually("the peer has it") { map.view.peer(named: "mover")?.homeDERP == 901 }
                try await pair.watcher.update(homeDERP: 901)
                try await eventually("the marker") { own.view.peer(named: "watcher")?.homeDERP == 901 }
                #expect(own.view.own?.discoKey == (await pair.other.discoKey.publicKey))
                let told = own.snapshot.messages(after: settled).count { $0.node != nil }
                #expect(told == 0)
                // Where one registry writes its first report and another that it is there, either may be first: it may hear of both.
                if Shape.current == .allInOne { #expect(own.snapshot.recent.count { $0.node != nil } == 1) }
                #expect(own.snapshot.faults == [])
            }
        }

        @Test("of reports in quick succession the last one counts, also when it goes back to what was before")
        func backAndForth() async throws {
            try await LocalSystem.run(.init(statusGathering: .seconds(4))) { system in
                let (pair, map) = try await system.settledPair("watcher", "mover")
                let (home, away) = (
                    [IPEndpoint("192.0.2.1:1")].compactMap(\.self), [IPEndpoint("198.51.100.1:2")].compactMap(\.self)
                )
                try await pair.other.update(endpoints: home, homeDERP: 901)
                try await eventually("the first state") { map.view.peer(named: "mover")?.endpoints == home }
                try await pair.other.update(endpoints: away, homeDERP: 902)
                try await pair.other.update(endpoints: home, homeDERP: 901)
                try await pair.other.update(newDiscoKey: true)
                let disco = await pair.other.discoKey.publicKey
                try await eventually("the marker") { map.view.peer(named: "mover")?.discoKey == disco }
                // One registry writes reports of a node in order; where several may take them the gateway mends what came last.
                if Shape.current == .allInOne { #expect(map.view.peer(named: "mover")?.endpoints == home) }
                try await eventually("the last report, to peers") {
                    let mover = map.view.peer(named: "mover")
                    return mover?.endpoints == home && mover?.homeDERP == 901
                }
                try await eventually("the last report, in its row", read: system.nodes) { nodes in
                    let node = nodes.first { $0.hostname == "mover" }
                    return node?.endpoints.map(\.endpoint) == home && node?.hostinfo.netInfo?.preferredDERP == 901
                }
            }
        }

        @Test(
            "a request without a stream gets one map or none, and leaves a running stream alone",
            arguments: [true, false],
            [true, false]
        )
        func withoutStream(omitPeers: Bool, isReadOnly: Bool) async throws {
            try await LocalSystem.run { system in
                let (client, map) = try await system.joined("laptop")
                _ = try await system.joined("other")
                try await eventually("the peer") { map.view.peers.count == 1 }
                for isCompressed in [true, false] {
                    let messages = try await client.singleMap(
                        .init(isCompressed: isCompressed, omitPeers: omitPeers, isReadOnly: isReadOnly)
                    )
                    if omitPeers, !isReadOnly {
                        #expect(messages.isEmpty)
                    } else {
                        #expect(messages.count == 1)
                        #expect(messages.first?.node?.id == map.view.own?.id)
                        #expect(messages.first?.derpMap?.regions?[901] != nil)
                        #expect(messages.first?.peers?.count == (omitPeers ? nil : 1))
                    }
                }
                try await client.update(homeDERP: 901)
                _ = try await system.joined("marker")
                try await eventually("the stream goes on") { map.view.peer(named: "marker") != nil }
                #expect(map.snapshot.ending == nil)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a stream is a stream whatever the other flags say", arguments: [true, false], [true, false])
        func withStream(omitPeers: Bool, isReadOnly: Bool) async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined(
                    "laptop",
                    options: .init(omitPeers: omitPeers, isReadOnly: isReadOnly)
                )
                _ = try await system.joined("other")
                try await eventually("the peer") { map.view.peer(named: "other")?.isOnline == true }
                #expect(map.snapshot.ending == nil)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a second stream takes the place of the first, which ends in good order")
        func secondStream() async throws {
            try await LocalSystem.run { system in
                let (client, first) = try await system.joined("laptop")
                let second = try await client.startMap()
                try await eventually("the first stream has ended") { first.snapshot.ending == .endStream }
                _ = try await system.joined("other")
                try await eventually("news on the second") { second.view.peer(named: "other") != nil }
                #expect(first.view.peers.isEmpty)
                #expect(second.snapshot.ending == nil)
                #expect(second.snapshot.faults == [])
            }
        }

        @Test(
            "a stream on another connection of the same machine takes the place of the first, at another gateway, too"
        )
        func secondConnection() async throws {
            try await LocalSystem.run { system in
                let (client, first) = try await system.joined("laptop")
                let twin = SimulatedNode(
                    await system.address,
                    hostname: "laptop",
                    machineKey: client.machineKey,
                    nodeKey: await client.nodeKey
                )
                try await system.untilStreamsAreKnown()
                let second = try await twin.startMap()
                try await eventually("the first stream has ended") { first.snapshot.ending == .endStream }
                try await eventually("the second has its map") { second.view.own?.id == first.view.own?.id }
                // The older connection still serves requests.
                try await client.update(homeDERP: 901)
                #expect(second.snapshot.ending == nil)
            }
        }

        @Test("two machines with one state, each of which ends the other's stream, have to wait; others need not")
        func clones() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                var opened = 1
                var refusal: (any Error)?
                while refusal == nil, opened < 60 {
                    do {
                        try await client.startMap()
                        opened += 1
                    } catch {
                        refusal = error
                    }
                }
                #expect(20...30 ~= opened)
                #expect("\(try #require(refusal))".contains("429"))
                // Its reports are taken, and who comes anew is served.
                try await client.update(homeDERP: 901)
                _ = try await system.joined("desk")
            }
        }
    }
}

/// Two nodes that know all of each other.
struct SettledPair {
    let watcher: SimulatedNode
    let other: SimulatedNode
}

extension LocalSystem {
    /// Two nodes whose first news have all arrived; and the map of the first.
    func settledPair(_ first: String, _ second: String) async throws -> (SettledPair, MapSession) {
        let (watcher, map) = try await joined(first)
        let (other, _) = try await joined(second)
        let disco = await other.discoKey.publicKey
        try await eventually("the peer is complete") {
            let peer = map.view.peer(named: second)
            return peer?.isOnline == true && peer?.discoKey == disco
        }
        return (SettledPair(watcher: watcher, other: other), map)
    }
}
