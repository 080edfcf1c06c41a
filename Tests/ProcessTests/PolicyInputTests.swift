import Foundation
import TestKit
import Testing

extension Processes {
    /// A server takes the same policies, and refuses the same with the same words, over its socket and its network address.
    @Suite("policies that come in", .timeLimit(.minutes(4)))
    struct PolicyInputTests {
        @Test("hostile ones are refused over every way in, in the words of the offline check; long ones are taken")
        func everyWay() async throws {
            let server = ServiceProcess(
                "serve",
                kind: "serve",
                settings: ["DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0"]
            )
            try server.start()
            try await server.waitUntilReady()
            let socket = try server.socket()
            let key = try await Self.key(socket)
            let remote = [
                "SWIFTSCALE_CLI_ADDRESS": "http://127.0.0.1:\(try server.port(of: "clients"))",
                "SWIFTSCALE_CLI_API_KEY": key,
            ]
            let ways: [(name: String, arguments: [String], environment: [String: String])] = [
                ("socket", ["--socket", socket], [:]), ("network", [], remote),
            ]
            let folder = try TemporaryDirectory()
            let file = folder.path("policy.hujson")
            for way in ways {
                for policy in HostilePolicy.all {
                    try Data(policy.bytes).write(to: URL(fileURLWithPath: file))
                    for verb in [["set", file], ["check", file, "--live"]] {
                        let outcome = try await Program.run(
                            ["policy"] + verb + way.arguments,
                            environment: way.environment
                        )
                        #expect(outcome.status == 1, "\(policy), \(verb[0]) over \(way.name)")
                        #expect(outcome.output.contains(policy.message), "\(way.name): \(outcome.output.prefix(500))")
                        #expect(policy.suggestion.isEmpty || outcome.output.contains(policy.suggestion))
                        #expect(outcome.output.utf8.count < 10_000)
                    }
                }
                let long = HostilePolicy.groups(100_000)
                try Data(long.utf8).write(to: URL(fileURLWithPath: file))
                let taken = try await Program.run(
                    ["policy", "set", file] + way.arguments,
                    environment: way.environment
                )
                #expect(taken.status == 0, "\(way.name): \(taken.output.prefix(500))")
                let shown = try await Program.run(["policy", "get"] + way.arguments, environment: way.environment)
                #expect(shown.output.contains("\"group:g99999\""), "\(way.name)")
            }
            try await Self.beyond(server, key)
            try await server.stop()
        }

        /// Not JSON in UTF-8, and longer than any request: refused by the API itself.
        private static func beyond(_ server: ServiceProcess, _ key: String) async throws {
            func put(_ path: String, _ body: String) async throws -> HTTP1Answer {
                let connection = try await PlainConnection.open(try server.address())
                defer { connection.close() }
                connection.send(
                    "PUT \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
                )
                return try await connection.answer()
            }
            #expect(try await put("/api/v1/policy", "{\"policy\": 7}").status == 400)
            #expect(try await put("/api/v1/policy", "{\"policy\": \"").status == 400)
            let announced = try await PlainConnection.open(try server.address())
            defer { announced.close() }
            announced.send(
                "PUT /api/v1/policy HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
                    + "Content-Length: \((24 << 20) + 1)\r\n\r\n"
            )
            #expect(try await announced.answer().status == 413)
        }

        private static func key(_ socket: String) async throws -> String {
            try await Program.run(["apikeys", "create", "--socket", socket]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
