import Bus
import ControlModel
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Several login providers")
    struct SeveralProviders {
        /// Two providers who both know somebody under the same subject.
        private func with(
            _ body: (LocalSystem, _ corp: ProviderProcess, _ guests: ProviderProcess) async throws -> Void
        ) async throws {
            try await ProviderProcess.run { corp in
                try await ProviderProcess.run { guests in
                    for provider in [corp, guests] {
                        try await provider.set("anna", claims: #"{"preferred_username":"anna","groups":["staff"]}"#)
                    }
                    var first = OIDCSettings.test(corp, name: "corp")
                    first.title = "Example <Corp>"
                    let second = OIDCSettings.test(guests, name: "guests")
                    try await LocalSystem.run(.init(providers: [first, second])) { system in
                        try await body(system, corp, guests)
                    }
                }
            }
        }

        @Test("people choose, and one subject of two providers is two users, each with groups of its own provider")
        func choice() async throws {
            try await with { system, corp, guests in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let page = try await Browser(await system.address).get(url.pathAndQuery)
                #expect(page.status == 200 && page.header("location") == nil && page.header("set-cookie") == nil)
                #expect(page.text.contains("<dd>laptop</dd>"))
                #expect(page.text.contains("href=\"\(url.pathAndQuery)/corp\">Log in with Example &lt;Corp&gt;</a>"))
                #expect(page.text.contains("href=\"\(url.pathAndQuery)/guests\">Log in with localhost</a>"))

                let first = try await system.login(client, through: corp, as: "anna", at: "corp")
                let second = try await system.login(client, through: guests, as: "anna", renewing: true, at: "guests")
                #expect(second.id != first.id && second.user != first.user)
                let back = try await system.login(client, through: corp, as: "anna", renewing: true, at: "corp")
                #expect(back.id == first.id && back.user == first.user)
                let users = try await system.ask(ListUsers()).sorted { $0.id < $1.id }
                #expect(users.map(\.identity?.issuer) == [corp.issuer, guests.issuer])
                #expect(users.map(\.identity?.groups) == [["corp/staff"], ["guests/staff"]])
                #expect(users.map(\.name) == ["anna", "anna-1"])
            }
        }

        @Test("a round belongs to the provider it was begun at: another's answer is refused")
        func mixedUp() async throws {
            try await with { system, corp, guests in
                let url = try await system.client("laptop").register().authURL
                let browser = Browser(await system.address)
                func round(_ provider: ProviderProcess, _ name: String) async throws -> String {
                    try await browser.callback(from: url + "/" + name, through: provider, as: "anna")
                }
                let (one, other) = (try await round(corp, "corp"), try await round(guests, "guests"))
                func part(_ url: String, _ name: String) -> String {
                    url.split { "?&".contains($0) }.first { $0.hasPrefix(name + "=") }.map(String.init) ?? ""
                }
                let page = try await browser.get("/oidc/callback?" + part(one, "state") + "&" + part(other, "code"))
                #expect([401, 403].contains(page.status))

                let named = try await round(corp, "corp") + "&iss=http%3A%2F%2Flocalhost:\(guests.port)"
                #expect(try await browser.get(named).status == 401)
                let right = try await round(corp, "corp") + "&iss=http%3A%2F%2Flocalhost:\(corp.port)"
                #expect(try await browser.get(right).status == 200)
                #expect(try await system.nodes().isEmpty)
            }
        }

        @Test("while one provider is away the other lets people in, and the way back leads to the choice")
        func oneAway() async throws {
            try await with { system, corp, guests in
                corp.stop()
                try await eventually("the provider is gone") {
                    (try? await Browser(corp.address).get("/jwks")) == nil
                }
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let page = try await Browser(await system.address).get(url.pathAndQuery + "/corp")
                #expect(page.status == 503)
                #expect(page.text.contains("href=\"\(url.pathAndQuery)\""))
                _ = try await system.login(client, through: guests, as: "anna", at: "guests")
            }
        }

        @Test("a provider of a name that there is not leads nowhere")
        func unknown() async throws {
            try await with { system, _, _ in
                let url = try await system.client("laptop").register().authURL
                for name in ["other", "", "%2e%2e", "corp%2f", "corp%00", "Corp"] {
                    let page = try await Browser(await system.address).get(url.pathAndQuery + "/" + name)
                    #expect(page.header("location") == nil)
                    #expect(page.status == (name.isEmpty ? 200 : 404), "\(name)")
                }
            }
        }
    }
}
