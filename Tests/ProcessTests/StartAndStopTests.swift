import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("start and stop", .timeLimit(.minutes(4)))
    struct StartAndStopTests {
        @Test("processes wait for the bus and the database, say so, and become ready in any order")
        func anyOrder() async throws {
            let system = try await SplitSystem()
            await system.bus.stop()
            try await system.database.stop()
            for process in system.processes.reversed() { try process.start() }
            for process in system.processes {
                try await eventually("\(process.name) waits for the bus") {
                    await process.failingChecks()?.contains("bus") == true
                }
            }
            let registry = try #require(system.registries.first)
            #expect(await registry.failingChecks() == ["bus", "database"])
            try await eventually("it is logged") {
                LogLine.all(in: registry.log).contains {
                    $0.message == "not ready, waiting" && $0.metadata["subject"] == "bus, database"
                }
            }
            try await system.bus.start()
            try await system.database.start()
            for process in system.processes { try await process.waitUntilReady() }
            await system.end()
        }

        @Test(
            "nodes of two gateways see each other and all relays; each process stops in good order within ten seconds"
        )
        func meetAndStop() async throws {
            try await SplitSystem.run { system in
                let key = try await system.authKey()
                let (_, first) = try await system.joined("first", key: key, through: 0)
                let (_, second) = try await system.joined("second", key: key, through: 1)
                try await eventually("each sees the other, online") {
                    first.view.peer(named: "second")?.isOnline == true
                        && second.view.peer(named: "first")?.isOnline == true
                }
                let regions = [SplitSystem.firstRegion, SplitSystem.firstRegion + 1]
                try await eventually("both know both relays") {
                    [first, second].allSatisfy { $0.view.derpMap?.regions?.keys.sorted() == regions }
                }
                #expect(first.snapshot.faults == [])
                #expect(second.snapshot.faults == [])
                for gateway in system.gateways {
                    #expect(try await gateway.metric("gateway_noise_handshakes_total{result=\"ok\"}") > 0)
                }

                // Long before its lease ends: it said that it leaves.
                try await system.relays[0].stop()
                try await eventually("the relay has left the map", within: .seconds(10)) {
                    second.view.derpMap?.regions?.keys.sorted() == [regions[1]]
                }
                try await system.gateways[0].stop()
                try await eventually("the first node's stream has ended") { first.snapshot.ending != nil }
                for process in system.processes where process.isRunning {
                    let time = try await process.stop()
                    #expect(time < .seconds(10), "\(process.name)")
                }
            }
        }

        @Test("all in one process waits for PostgreSQL and then runs on it")
        func serveOnPostgres() async throws {
            let database = try await PostgresServer()
            let process = ServiceProcess(
                "serve",
                kind: "serve",
                settings: [
                    "DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0", "DATABASE_TYPE": "postgres",
                    "DATABASE_POSTGRES_HOST": database.host, "DATABASE_POSTGRES_PORT": "\(database.port)",
                    "DATABASE_POSTGRES_NAME": try await database.makeDatabase(),
                    "DATABASE_POSTGRES_USER": PostgresServer.user, "DATABASE_POSTGRES_PASS": PostgresServer.password,
                ]
            )
            try await database.stop()
            try process.start()
            try await eventually("it waits") { await process.failingChecks() == ["database", "gateway", "policy"] }
            try await database.start()
            try await process.waitUntilReady()
            let outcome = try await Program.run(["users", "create", "alice", "--socket", process.socket()])
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try await process.stop() < .seconds(10))
        }

        @Test("a second signal ends a process at once, whatever is in progress")
        func twice() async throws {
            let process = ServiceProcess(
                "serve",
                kind: "serve",
                settings: ["DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0"]
            )
            try process.start()
            try await process.waitUntilReady()
            // A stop in good order would wait for the rest of this request.
            let connection = try await PlainConnection.open(process.address())
            connection.send("POST /ts2021 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
            try process.tell(to: .stop)
            try await eventually("it stops") { LogLine.all(in: process.log).contains { $0.message == "stopping" } }
            #expect(process.isRunning)
            try process.tell(to: .stop)
            try await eventually("it ends", within: .seconds(2)) { !process.isRunning }
            #expect(process.endedWith == 1)
            #expect(LogLine.all(in: process.log).contains { $0.message == "told to stop twice, ending now" })
            connection.close()
        }

        @Test("without a bus a process says what to do", arguments: ["gateway", "registry", "policy", "derp", "dns"])
        func noBus(kind: String) async throws {
            let outcome = try await Program.run([kind])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("bus.urls"))
            #expect(outcome.output.contains("swiftscale serve"))
        }
    }
}
