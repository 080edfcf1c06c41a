import Bus
import ControlModel
import Foundation
import Keys
import TestKit
import Testing

extension Scenarios {
    @Suite("Relays of other makers")
    struct RelayVerification {
        @Test("they are told which node keys to let in, and nothing else")
        func verify() async throws {
            try await LocalSystem.run { system in
                let known = try await system.registered("laptop")
                let ended = try await system.registered("ended")
                let endedKey = await ended.nodeKey.publicKey
                let node = try #require(try await system.nodes().first { $0.nodeKey == endedKey })
                _ = try await system.ask(SetNodeExpiry(node: node.id, expiry: system.time.now))
                let browser = Browser(await system.address)
                func verdict(_ key: String) async throws -> String {
                    let body = #"{"NodePublic":"\#(key)","Source":"192.0.2.1"}"#
                    let answer = try await browser.send("POST", "/verify", json: body)
                    return "\(answer.status) \(answer.text)"
                }
                let own = await known.nodeKey.publicKey
                #expect(try await verdict(own.text) == #"200 {"Allow":true}"#)
                try await eventually("the key that ended is refused") {
                    try await verdict(endedKey.text) == #"200 {"Allow":false}"#
                }
                let unknown = "nodekey:" + String(repeating: "0123456789abcdef", count: 4)
                #expect(try await verdict(unknown) == #"200 {"Allow":false}"#)
                #expect(try await verdict("nodekey:1").hasPrefix("400"))
                #expect(try await browser.send("POST", "/verify", json: "[").status == 400)
                let long = try await browser.send("POST", "/verify", json: String(repeating: " ", count: 5000))
                #expect(long.status == 413)
            }
        }
    }
}
