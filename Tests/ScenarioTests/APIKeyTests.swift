import Bus
import ControlModel
import Foundation
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("API keys")
    struct APIKeys {
        private static let paths = ["/api/v1/user", "/api/v1/node", "/api/v1/preauthkey", "/api/v1/policy"]

        @Test(
            "without a key that is valid nothing is told, in no way of asking",
            arguments: [
                "", "Bearer ", "Bearer hskey-api-0123456789ab-" + String(repeating: "0", count: 64), "Basic eDp5",
            ]
        )
        func bypass(authorization: String) async throws {
            try await LocalSystem.run { system in
                _ = try await system.registered("secret-laptop")
                let browser = Browser(await system.address)
                let headers = authorization.isEmpty ? [:] : ["Authorization": authorization]
                for path in Self.paths {
                    let answers = [
                        try await browser.get(path, headers: headers),
                        try await browser.get("/" + path, headers: headers),
                        try await browser.get(path + "/1?x=y", headers: headers),
                        try await browser.post(path, form: "{}", headers: headers),
                    ]
                    for answer in answers {
                        #expect([401, 404].contains(answer.status), "\(path)")
                        #expect(!answer.text.contains("secret-laptop") && !answer.text.contains("alice"))
                    }
                    #expect(answers[0].status == 401, "\(path)")
                }
                for path in ["/api/v1/user", "/api/v1/preauthkey"] {
                    let answer = try await browser.post(path, form: #"{"name":"thief"}"#, headers: headers)
                    #expect(answer.status == 401, "\(path)")
                }
                #expect(try await system.ask(ListUsers()).map(\.name) == ["alice"])
            }
        }

        @Test("a key works, and no longer once it is expired or deleted; one changed letter is another key")
        func lifetime() async throws {
            try await LocalSystem.run { system in
                _ = try await system.registered("laptop")
                let browser = Browser(await system.address)
                func status(_ key: String) async throws -> Int {
                    try await browser.get("/api/v1/node", headers: ["Authorization": "Bearer " + key]).status
                }
                let first = try await system.ask(CreateAPIKey(expiry: system.time.now.addingTimeInterval(3600)))
                let second = try await system.ask(CreateAPIKey(expiry: system.time.now.addingTimeInterval(86400)))
                #expect(try await status(first.secret) == 200)
                #expect(try await status(second.secret) == 200)
                #expect(try await status(String(first.secret.dropLast()) + "?") == 401)
                system.time.advance(by: .seconds(3601))
                #expect(try await status(first.secret) == 401)
                #expect(try await status(second.secret) == 200)
                _ = try await system.ask(DeleteAPIKey(id: second.key.id, prefix: nil))
                system.time.advance(by: .seconds(11))
                #expect(try await status(second.secret) == 401)
            }
        }

        @Test("guessing keys is slowed down; clients' own requests go on")
        func guesses() async throws {
            try await LocalSystem.run { system in
                let node = try await system.registered("laptop")
                let browser = Browser(await system.address)
                var answers: [Browser.Page] = []
                for number in 0..<25 {
                    let key = "hskey-api-\(String(format: "%012d", number))-" + String(repeating: "a", count: 64)
                    answers.append(try await browser.get("/api/v1/user", headers: ["Authorization": "Bearer " + key]))
                }
                #expect(answers.prefix(20).allSatisfy { $0.status == 401 })
                #expect(answers.suffix(4).allSatisfy { $0.status == 429 })
                #expect(try await node.register().isMachineAuthorized)
                #expect(try await browser.get("/key?v=113").status == 200)
            }
        }
    }
}
