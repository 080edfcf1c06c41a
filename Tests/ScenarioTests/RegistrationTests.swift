import Bus
import ControlModel
import Foundation
import Keys
import NIOCore
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Registration")
    struct Registration {
        @Test("a key for one use admits one node and no other")
        func singleUse() async throws {
            try await LocalSystem.run { system in
                let key = try await system.createKey(of: system.createUser("alice"))
                let first = await system.client("first")
                let answer = try await first.register(authKey: key)
                #expect(answer.error == "")
                #expect(answer.isMachineAuthorized)
                #expect(answer.login.loginName == "alice")
                #expect(answer.authURL == "")
                let second = try await system.client("second").register(authKey: key)
                #expect(second.error == "authkey already used")
                #expect(!second.isMachineAuthorized)
                #expect(try await system.nodes().map(\.hostname) == ["first"])
            }
        }
    }
}
