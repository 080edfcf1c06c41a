import Bus
import ControlModel
import Foundation
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("SSH check mode")
    struct SSHChecks {
        @Test("a login waits until an administrator approves it, and has the forwarding of any other")
        func approved() async throws {
            try await LocalSystem.run { system in
                let session = try await SSHWorld(system).session("root")
                let outcome = try await session.open { text in
                    let login = try #require(LoginID(text.shownAddress.split(separator: "/").last ?? ""))
                    #expect(text.contains("http://127.0.0.1/auth/\(login)"))
                    let page = try await Browser(await system.address).get("/auth/\(login)")
                    #expect(page.status == 200)
                    for part in ["laptop", "server", "root", "auth approve --auth-id \(login)"] {
                        #expect(page.text.contains(part))
                    }
                    let waiting = try #require(try await system.ask(ListLogins()).first)
                    #expect(waiting.id == login && waiting.check?.localUser == "root")
                    _ = try await system.ask(ApproveLogin(login: login, user: nil))
                    let done = try await Browser(await system.address).get("/auth/\(login)")
                    #expect(done.text.contains("was confirmed"))
                }
                let action = outcome.action
                for name in ["accept", "allowAgentForwarding", "allowLocalPortForwarding", "allowRemotePortForwarding"]
                {
                    #expect(action[name] == .bool(true))
                }
                #expect(action.count == 4)
            }
        }

        @Test("a request that is held is answered when somebody decides, not before")
        func held() async throws {
            try await LocalSystem.run { system in
                let session = try await SSHWorld(system).session("root")
                let first = try await session.ask(session.firstQuestion())
                let (path, login) = try Self.delegation(first)
                async let answer = session.ask(path)
                try await eventually("a held request") { try await system.heldRequests(login.rawValue) == 1 }
                _ = try await system.ask(ApproveLogin(login: login, user: nil))
                let verdict = try await answer
                #expect(verdict.members["accept"] == .bool(true))
                try await eventually("nothing is held") { try await system.heldRequests(login.rawValue) == 0 }
            }
        }

        @Test("a login that an administrator turns away is rejected")
        func rejected() async throws {
            try await LocalSystem.run { system in
                let session = try await SSHWorld(system).session("root")
                let outcome = try await session.open { text in
                    _ = try await system.ask(RejectLogin(login: try system.login(text.shownAddress)))
                    await #expect(throws: BusError.self) {
                        try await system.ask(ApproveLogin(login: try system.login(text.shownAddress), user: nil))
                    }
                }
                #expect(outcome == .rejected("this login was rejected\r\n"))
            }
        }

        @Test("a login that nobody decides about is rejected when its time is over")
        func timeout() async throws {
            try await LocalSystem.run(.init(loginRecheck: .milliseconds(20))) { system in
                let session = try await SSHWorld(system).session("root")
                let (path, login) = try Self.delegation(try await session.ask(session.firstQuestion()))
                async let answer = session.ask(path)
                try await eventually("a held request") { try await system.heldRequests(login.rawValue) == 1 }
                system.time.advance(by: .seconds(15 * 60 + 1))
                let verdict = try await answer
                #expect(verdict.members["reject"] == .bool(true))
                #expect(verdict.members["message"]?.text == "nobody confirmed this login in time\r\n")
                // Who was cut off meanwhile hears the same, and nobody can confirm it any more.
                #expect(try await session.ask(path) == verdict)
                await #expect(throws: BusError.self) { try await system.ask(ApproveLogin(login: login, user: nil)) }
            }
        }

        @Test("within the check period the same login passes by itself; another account, and other nodes, do not")
        func remembered() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                _ = try await system.confirmed(try world.session("root"))
                system.time.advance(by: .seconds(3500))
                var shown = 0
                #expect(try await world.session("root").open { _ in shown += 1 }.isAccepted)
                #expect(shown == 0)
                let other = try world.session("dev")
                let question = try other.firstQuestion()
                _ = try Self.delegation(try await other.ask(question))
                let phone = try world.session("root", from: world.phone)
                _ = try Self.delegation(try await phone.ask(try phone.firstQuestion()))
            }
        }

        @Test("after the check period a new check is needed; a restart in between forgets nothing")
        func period() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                _ = try await system.confirmed(try world.session("root"))
                try await system.restart()
                let session = try await world.again(system).session("root")
                #expect(try await session.open().isAccepted)
                system.time.advance(by: .seconds(3601))
                #expect(try await system.confirmed(session).isAccepted)
            }
        }

        @Test("with the period always each login is asked for")
        func always() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system, period: "always")
                for _ in 1...2 {
                    #expect(try await system.confirmed(try world.session("root")).isAccepted)
                }
            }
        }

        @Test("a check outlives the gateway and the registry; one that is not known begins anew")
        func restart() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                let session = try world.session("root")
                let (path, login) = try Self.delegation(try await session.ask(session.firstQuestion()))
                async let cut = session.ask(path)
                try await eventually("a held request") { try await system.heldRequests(login.rawValue) == 1 }
                try await system.restart()
                let ending = try? await cut
                #expect(ending == nil)
                let again = try await world.again(system).session("root")
                async let held = again.ask(path)
                try await eventually("a held request") { try await system.heldRequests(login.rawValue) == 1 }
                _ = try await system.ask(ApproveLogin(login: login, user: nil))
                let verdict = try await held
                #expect(verdict.members["accept"] == .bool(true))

                let other = try await world.again(system).session("dev")
                let lost = try other.firstQuestion() + "&auth_id=hskey-authreq-0123456789abcdef01234567"
                let (_, fresh) = try Self.delegation(try await other.ask(lost))
                #expect(fresh.rawValue != "hskey-authreq-0123456789abcdef01234567")
                #expect(try await system.ask(GetLogin(login: fresh)).check?.localUser == "dev")
            }
        }

        @Test("sessions that wait at once wait for one check")
        func together() async throws {
            try await LocalSystem.run { system in
                let session = try await SSHWorld(system).session("root")
                let question = try session.firstQuestion()
                let (path, login) = try Self.delegation(try await session.ask(question))
                #expect(try Self.delegation(try await session.ask(question)).login == login)
                try await withThrowingTaskGroup { group in
                    for _ in 1...10 { group.addTask { try await session.ask(path) } }
                    try await eventually("all held") { try await system.heldRequests(login.rawValue) == 10 }
                    _ = try await system.ask(ApproveLogin(login: login, user: nil))
                    for try await answer in group { #expect(answer.members["accept"] == .bool(true)) }
                }
            }
        }

        @Test("a request that is held too long is sent to ask again, without showing the address once more")
        func patience() async throws {
            try await LocalSystem.run(.init(loginPatience: .milliseconds(30))) { system in
                let session = try await SSHWorld(system).session("root")
                let (path, login) = try Self.delegation(try await session.ask(session.firstQuestion()))
                let again = try await session.ask(path)
                #expect(try Self.delegation(again).login == login)
                #expect(again.members["message"] == nil)
            }
        }

        @Test("a policy that no longer allows the login ends the wait; one that needs no check lets it in")
        func policyChange() async throws {
            try await LocalSystem.run(.init(loginRecheck: .milliseconds(20))) { system in
                let world = try await SSHWorld(system)
                let session = try world.session("root")
                let outcome = try await session.open { _ in
                    try await system.publish(2, SSHWorld.policy(ssh: ""))
                }
                #expect(outcome == .rejected("the policy does not allow this login\r\n"))
                try await system.publish(3, SSHWorld.policy(ssh: SSHWorld.rule(period: "1h")))
                try await eventually("the rule is back") { session.action != nil }
                let accepted = try await session.open { _ in
                    let rule =
                        #"{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"], "users": ["root"]}"#
                    try await system.publish(4, SSHWorld.policy(ssh: rule))
                }
                #expect(accepted.isAccepted)
            }
        }

        /// Where an answer sends to ask again.
        private static func delegation(_ value: AnyJSON) throws -> (path: String, login: LoginID) {
            let url = try #require(value.members["holdAndDelegate"]?.text)
            let id = try #require(url.firstMatch(of: /auth_id=([^&]+)/)).1
            return (url, try #require(LoginID(id)))
        }
    }
}
