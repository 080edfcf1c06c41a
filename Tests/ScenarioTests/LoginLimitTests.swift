import Bus
import ControlModel
import Foundation
import Keys
import Storage
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Limits of logins")
    struct LoginLimits {
        @Test(
            "ten thousand devices of one address are limited, those of others come in, and known nodes are not touched",
            .only(in: .allInOne, because: "the stores of both shapes count by the same contract, and this takes long")
        )
        func crowd() async throws {
            let limits = PendingLoginLimits(total: 400, perSource: 100)
            try await LocalSystem.run(.init(loginLimits: limits)) { system in
                let (node, _) = try await system.joined("node")
                var outcomes: [Bool] = []
                for number in 0..<10_000 {
                    outcomes.append(try await system.beginLogin(number, source: "192.0.2.1"))
                }
                #expect(outcomes.count { $0 } == 100)
                for number in 10_000..<10_250 {
                    #expect(try await system.beginLogin(number, source: "198.51.100.\(number % 250)"))
                }
                #expect(try await system.ask(ListLogins()).count == 350)
                #expect(try await node.register().isMachineAuthorized)
            }
        }

        @Test("a client beyond the limit is told to come again later, and its connection goes on")
        func tooMany() async throws {
            try await LocalSystem.run(.init(loginLimits: .init(total: 10, perSource: 2))) { system in
                for name in ["one", "two"] { _ = try await system.client(name).register() }
                let third = await system.client("three")
                await #expect {
                    try await third.register()
                } throws: { error in
                    if case SimulatedClientError.status(429, _) = error { true } else { false }
                }
                #expect(try await third.register(authKey: system.key()).isMachineAuthorized)
                system.time.advance(by: .seconds(15 * 60))
                #expect(try await system.client("four").register().authURL != "")
            }
        }

        @Test("guessing auth keys is slowed down, for the guesser's address; a known node comes in all the same")
        func guesses() async throws {
            try await LocalSystem.run { system in
                let node = try await system.registered("node")
                let thief = await system.client("thief")
                var refusals = 0
                for _ in 0..<20 {
                    refusals += try await thief.register(authKey: "hskey-auth-guess").error == "invalid authkey" ? 1 : 0
                }
                #expect(refusals == 20)
                await #expect {
                    try await thief.register(authKey: "hskey-auth-guess")
                } throws: { error in
                    if case SimulatedClientError.status(429, _) = error { true } else { false }
                }
                #expect(try await node.register().isMachineAuthorized)
                try await system.expectToServeNodes()
            }
        }
    }
}

extension LocalSystem {
    /// A device asks to come in; whether it may wait.
    fileprivate func beginLogin(_ number: Int, source: String) async throws -> Bool {
        var hostinfo = Hostinfo()
        hostinfo.hostname = "host\(number)"
        let request = RegisterNode(
            machineKey: .fixture(number),
            nodeKey: .fixture(number),
            oldNodeKey: nil,
            authKey: nil,
            hostinfo: hostinfo,
            isEphemeral: false,
            expiry: nil,
            capabilityVersion: .minimum,
            source: source
        )
        do {
            guard case .loginRequired(_?) = try await ask(request) else { return false }
            return true
        } catch BusError.refused(let failure) where failure.reason == .exhausted {
            return false
        }
    }

    fileprivate func expectToServeNodes() async throws {
        #expect(try await PlainConnection.get("/key?v=113", from: address).status == 200)
    }
}
