import Bus
import ControlModel
import Foundation
import OpenIDConnect
import Storage
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("SSH check mode, by whom")
    struct SSHCheckDefence {
        @Test("the owner of the source confirms at the page, after a login; nobody else can")
        func owner() async throws {
            try await ProviderProcess.run { provider in
                for name in ["anna", "bob"] {
                    try await provider.set(name, claims: #"{"preferred_username":"\#(name)","name":"\#(name) Berg"}"#)
                }
                let settings = OIDCSettings(
                    issuer: provider.issuer,
                    clientID: "swiftscale",
                    clientSecret: "secret",
                    redirectURL: "http://127.0.0.1/oidc/callback"
                )
                try await LocalSystem.run(.init(providers: [settings])) { system in
                    _ = try await system.login(system.client("annas"), through: provider, as: "anna")
                    _ = try await system.login(system.client("bobs"), through: provider, as: "bob")
                    let anna = try #require(try await system.ask(ListUsers()).first { $0.name == "anna" })
                    let session = try await SSHWorld(system, alice: anna).session("root")
                    let outcome = try await session.open { text in
                        let url = text.shownAddress
                        let stranger = try await Browser(await system.address)
                            .arrive(at: url, through: provider, as: "bob")
                        #expect(stranger.status == 409 && stranger.text.contains("not yours"))
                        let nobody = try await Browser(await system.address)
                            .arrive(at: url, through: provider, as: "eve")
                        #expect(nobody.status == 409)
                        #expect(try await system.ask(ListUsers()).count == 2)
                        #expect(try await system.ask(GetLogin(login: system.login(url))).state == .waiting)
                        let browser = Browser(await system.address)
                        let page = try await browser.arrive(at: url, through: provider, as: "anna")
                        #expect(page.status == 200)
                        for part in ["anna Berg", "laptop", "server", "root", "Let this login in"] {
                            #expect(page.text.contains(part))
                        }
                        let done = try await browser.confirm(page)
                        #expect(done.status == 200 && done.text.contains("from laptop goes on"))
                    }
                    #expect(outcome.isAccepted)
                    #expect(try await system.nodes().count == 5)
                }
            }
        }

        @Test("a login from before the check does not confirm it; one after it does")
        func freshLogin() async throws {
            try await ProviderProcess.run { provider in
                let person = #""preferred_username":"anna","name":"anna Berg""#
                try await provider.set("anna", claims: "{\(person)}")
                try await LocalSystem.run(.init(providers: [.test(provider)])) { system in
                    _ = try await system.login(system.client("annas"), through: provider, as: "anna")
                    let anna = try #require(try await system.ask(ListUsers()).first { $0.name == "anna" })
                    let session = try await SSHWorld(system, alice: anna).session("root")
                    let outcome = try await session.open { text in
                        let url = text.shownAddress
                        let old = Int(system.time.now.timeIntervalSince1970) - 120
                        try await provider.set("anna", claims: #"{\#(person),"auth_time":\#(old)}"#)
                        let stale = try await Browser(await system.address)
                            .arrive(at: url, through: provider, as: "anna")
                        #expect(stale.status == 401 && stale.text.contains("Please log in again"))
                        #expect(try await system.ask(GetLogin(login: system.login(url))).state == .waiting)
                        try await provider.set("anna", claims: #"{\#(person),"auth_time":\#(old + 121)}"#)
                        let browser = Browser(await system.address)
                        let page = try await browser.arrive(at: url, through: provider, as: "anna")
                        #expect(page.status == 200)
                        #expect(try await browser.confirm(page).status == 200)
                    }
                    #expect(outcome.isAccepted)
                    // A device may be let in by a login of any age.
                    try await provider.set("anna", claims: #"{\#(person),"auth_time":1000}"#)
                    _ = try await system.login(system.client("another"), through: provider, as: "anna")
                }
            }
        }

        @Test("only the node that is logged in to may ask, about nodes that exist and what the policy allows")
        func forged() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                let session = try world.session("root")
                let question = try session.firstQuestion()
                for client in [world.laptop.client, world.phone.client, await system.client("stranger")] {
                    #expect(try await session.send(question, by: client).status == 401)
                }
                #expect(try await system.ask(ListLogins()).isEmpty)
                let server = try #require(world.server.map.view.own).id
                let laptop = session.source.id
                func text(_ path: String, _ method: String = "GET") async throws -> (Int, String) {
                    let answer = try await session.send("https://unused/machine/ssh/action/" + path, method: method)
                    return (answer.status, answer.text)
                }
                #expect(try await text("999/to/\(server)?local_user=root").1.contains(#""reject":true"#))
                // The server is no source of any rule, and nobody may be mallory.
                #expect(try await text("\(server)/to/\(server)?local_user=root").1.contains("does not allow"))
                #expect(try await text("\(laptop)/to/\(server)?local_user=mallory").1.contains("does not allow"))
                #expect(try await text("\(server)/to/\(laptop)?local_user=root").0 == 401)
                #expect(try await text("\(laptop)/to/999?local_user=root").0 == 401)
                #expect(try await system.ask(ListLogins()).isEmpty)
            }
        }

        @Test(
            "questions that cannot be read are refused",
            arguments: [
                "", "1", "1/to", "1/to/", "/to/3?local_user=root", "a/to/3?local_user=root", "1/from/3?local_user=root",
                "1/to/3", "1/to/3?local_user=", "1/to/3/4?local_user=root", "-1/to/3?local_user=root",
                "1/to/99999999999999999999?local_user=root", "1/to/3?local_user=%ff", "1/to/3?local_user=%zz",
                "1/to/3?local_user",
            ]
        )
        func malformed(path: String) async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let answer = try await client.request(ControlRequest("GET", "/machine/ssh/action/" + path))
                #expect(answer.status == 400)
                #expect(try await client.post("/machine/ssh/action/1/to/1?local_user=root", "{}").status == 405)
            }
        }

        @Test("the id of a check decides nothing but that check")
        func otherUses() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                let session = try world.session("root")
                _ = try await session.ask(session.firstQuestion())
                let login = try #require(try await system.ask(ListLogins()).first).id
                // Not for letting a device in, of which it carries the keys.
                await #expect(throws: BusError.self) {
                    try await system.ask(ApproveLogin(login: login, user: world.alice.id))
                }
                let answer = try await world.laptop.client.follow("http://127.0.0.1/auth/\(login)")
                #expect(answer.isMachineAuthorized)
                // Not for another account, or another source.
                let other = try world.session("dev")
                let asked = try await other.send(other.firstQuestion() + "&auth_id=\(login)")
                #expect(!asked.text.contains(login.rawValue))
                _ = try await system.ask(ApproveLogin(login: login, user: nil))
                let phone = try world.session("root", from: world.phone)
                #expect(
                    try await phone.send(phone.firstQuestion() + "&auth_id=\(login)").text.contains(
                        "Confirm this login"
                    )
                )
            }
        }

        @Test("a node that begins too many checks is refused for a while; devices log in meanwhile")
        func tooMany() async throws {
            try await LocalSystem.run(.init(loginLimits: PendingLoginLimits(total: 8, perSource: 1))) { system in
                let world = try await SSHWorld(system)
                let first = try world.session("root")
                _ = try await first.ask(first.firstQuestion())
                let second = try world.session("dev")
                #expect(try await second.send(second.firstQuestion()).status == 429)
                #expect(try await first.send(first.firstQuestion()).status == 200)
                #expect(try await system.client("other").register().authURL != "")
            }
        }

        @Test("an expired source is turned away")
        func expired() async throws {
            try await LocalSystem.run { system in
                let world = try await SSHWorld(system)
                let session = try world.session("root")
                let source = try #require(NodeID(session.source.id))
                _ = try await system.ask(SetNodeExpiry(node: source, expiry: system.time.now.addingTimeInterval(-1)))
                try await eventually("it is turned away") {
                    try await session.send(session.firstQuestion()).text.contains("expired")
                }
            }
        }
    }
}
