import Foundation
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("a full disk", .timeLimit(.minutes(4)))
    struct DiskFullTests {
        /// More than fits into what the database may have in reserve.
        private static let attempts = 2000

        @Test(
            "SQLite: who cannot be written is refused, maps go on; with room again all works, and no acknowledged one is lost"
        )
        func full() async throws {
            let disk: SmallDisk
            do {
                disk = try SmallDisk(megabytes: 8)
            } catch let reason as SmallDisk.Unavailable {
                print("a full disk was not tested, there is no mount namespace to be had here: \(reason)")
                #expect(ProcessInfo.processInfo.environment["CI"] == nil, "CI must have mount namespaces: \(reason)")
                return
            }
            let server = ServiceProcess(
                "serve",
                kind: "serve",
                settings: ["DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0"],
                disk: disk
            )
            try server.start()
            try await server.waitUntilReady()
            let key = try await authKey(of: server)
            let (witness, map) = try await joined("witness", at: server, key: key)
            let (_, otherMap) = try await joined("other", at: server, key: key)

            try disk.fill()
            var admitted = try await admitUntilRefused("first", at: server, key: key)
            try await eventually("the log says why") {
                LogLine.all(in: server.log).contains {
                    $0.message == "the database does not answer" && $0.metadata["error"]?.contains("full") == true
                }
            }
            let refusal = try await Program.run(["users", "create", "bob", "--socket", server.socket()])
            #expect(refusal.status != 0)
            #expect(refusal.output.contains("the database does not answer, try again"), "\(refusal.output)")
            // Reports are taken and wait; maps are served from copies.
            let endpoint = try #require(IPEndpoint("192.0.2.10:41641"))
            try await witness.update(endpoints: [endpoint])
            #expect(map.snapshot.ending == nil)
            let again = try await witness.reconnect()
            try await eventually("a map with all who were let in") { again.view.peers.count == admitted.count + 1 }
            #expect(server.isRunning)

            try disk.makeRoom()
            try await eventually("a newcomer is let in", within: .seconds(30)) {
                try await isAdmitted("late", at: server, key: key)
            }
            admitted.append("late")
            try await eventually("the map goes on") { again.view.peer(named: "late") != nil }
            try await eventually("what was reported is written", within: .seconds(30)) {
                otherMap.view.peer(named: "witness")?.endpoints == [endpoint]
            }

            // What was acknowledged before the end is there after it.
            try disk.fill()
            admitted += try await admitUntilRefused("second", at: server, key: key)
            #expect([again, otherMap].allSatisfy { $0.snapshot.ending == nil })
            #expect([map, again, otherMap].flatMap(\.snapshot.faults) == [])
            try await server.crash()
            try disk.makeRoom()
            try server.start()
            try await server.waitUntilReady()
            let names = try await nodes(of: server).map(\.name)
            #expect(names.count == Set(names).count)
            #expect(Set(names).isSuperset(of: admitted + ["witness", "other"]))
            #expect(try await isAdmitted("last", at: server, key: key))
        }

        /// Lets nodes in, one after another, until one is refused for now; the names of those that were let in.
        private func admitUntilRefused(
            _ prefix: String,
            at server: ServiceProcess,
            key: String
        ) async throws -> [String] {
            var admitted: [String] = []
            for number in 0..<Self.attempts {
                let name = "\(prefix)-\(number)"
                guard try await isAdmitted(name, at: server, key: key) else { return admitted }
                admitted.append(name)
            }
            throw ServiceProcess.Failure(description: "\(admitted.count) nodes were let in on a full disk")
        }

        /// Whether a new node is let in; `false` when it is to try again.
        private func isAdmitted(_ name: String, at server: ServiceProcess, key: String) async throws -> Bool {
            let node = SimulatedNode(try server.address(), hostname: name)
            do {
                try await node.admitted(with: key)
                await node.disconnect()
                return true
            } catch SimulatedClientError.status(503, let text) {
                #expect(text == "registration is not possible right now, try again\n")
                return false
            }
        }

        private func joined(
            _ name: String,
            at server: ServiceProcess,
            key: String
        ) async throws -> (SimulatedNode, MapSession) {
            let node = SimulatedNode(try server.address(), hostname: name)
            try await node.admitted(with: key)
            let map = try await node.startMap()
            try await eventually("its first map") { map.view.own != nil }
            return (node, map)
        }

        private func authKey(of server: ServiceProcess) async throws -> String {
            struct Answer: Decodable {
                var key: String
            }
            let arguments = ["preauthkeys", "create", "--user", "alice", "--create-user", "--reusable"]
            return try await admin(Answer.self, arguments, of: server).key
        }

        private struct ListedNode: Decodable {
            var name: String
        }

        private func nodes(of server: ServiceProcess) async throws -> [ListedNode] {
            try await admin([ListedNode].self, ["nodes", "list"], of: server)
        }

        private func admin<Answer: Decodable>(
            _ type: Answer.Type,
            _ arguments: [String],
            of server: ServiceProcess
        ) async throws -> Answer {
            let outcome = try await Program.run(arguments + ["--socket", server.socket(), "-o", "json"])
            try #require(outcome.status == 0, "\(outcome.output)")
            return try JSONDecoder().decode(type, from: Data(outcome.output.utf8))
        }
    }
}
