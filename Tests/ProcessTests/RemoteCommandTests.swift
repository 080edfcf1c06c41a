import Foundation
import TestKit
import Testing

extension Processes {
    @Suite("commands over the network", .timeLimit(.minutes(4)))
    struct RemoteCommandTests {
        private static let wrong = "hskey-api-0123456789ab-" + String(repeating: "0", count: 64)

        /// Runs `body` beside a server that has a user.
        private func with(_ body: (ServiceProcess, _ address: String) async throws -> Void) async throws {
            let process = ServiceProcess(
                "serve",
                kind: "serve",
                settings: ["DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0"]
            )
            try process.start()
            try await process.waitUntilReady()
            let made = try await Program.run(["users", "create", "secretive", "--socket", process.socket()])
            #expect(made.status == 0, "\(made.output)")
            try await body(process, "http://127.0.0.1:\(try process.port(of: "clients"))")
            try await process.stop()
        }

        @Test("without a valid key they say and change nothing; with one they work")
        func keys() async throws {
            try await with { process, address in
                for key in ["", Self.wrong, "x"] {
                    let environment = ["SWIFTSCALE_CLI_ADDRESS": address, "SWIFTSCALE_CLI_API_KEY": key]
                    for arguments in [["users", "list"], ["nodes", "list"], ["users", "create", "thief"]] {
                        let outcome = try await Program.run(arguments + ["-o", "json"], environment: environment)
                        #expect(outcome.status != 0, "\(arguments): \(outcome.output)")
                        #expect(!outcome.output.contains("secretive"))
                    }
                }
                let made = try await Program.run(["apikeys", "create", "--socket", process.socket()])
                let key = try #require(made.output.firstMatch(of: #/hskey-api-[0-9a-zA-Z_-]+/#)).0
                let environment = ["SWIFTSCALE_CLI_ADDRESS": address, "SWIFTSCALE_CLI_API_KEY": String(key)]
                let outcome = try await Program.run(["users", "list", "-o", "json"], environment: environment)
                #expect(outcome.status == 0 && outcome.output.contains("secretive"), "\(outcome.output)")
                #expect(!outcome.output.contains("thief"))
            }
        }

        @Test("a configuration file with a remote address needs a valid key as well")
        func file() async throws {
            try await with { _, address in
                let directory = try TemporaryDirectory()
                for key in ["", "api_key: \(Self.wrong)"] {
                    let path = directory.path("config.yaml")
                    try Data("cli: {address: '\(address)'\(key.isEmpty ? "" : ", " + key)}\n".utf8)
                        .write(to: URL(fileURLWithPath: path))
                    let outcome = try await Program.run(["users", "list", "-o", "json", "--config", path])
                    #expect(outcome.status != 0, "\(outcome.output)")
                    #expect(!outcome.output.contains("secretive"))
                }
            }
        }
    }
}
