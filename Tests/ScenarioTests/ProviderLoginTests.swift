import Bus
import ControlModel
import Foundation
import Keys
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Login through a provider")
    struct ProviderLogin {
        private static let anna = #"""
            {"email":"anna@example.com","email_verified":true,"preferred_username":"anna","name":"Anna Berg",
             "groups":["staff","admins"]}
            """#

        /// Runs `body` beside a provider that knows Anna, and a system that lets people in through it.
        private func with(
            _ change: @escaping @Sendable (inout OIDCSettings) -> Void = { _ in },
            _ body: (LocalSystem, ProviderProcess) async throws -> Void
        ) async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: Self.anna)
                var settings = OIDCSettings(
                    issuer: provider.issuer,
                    clientID: "swiftscale",
                    clientSecret: "secret",
                    redirectURL: "http://127.0.0.1/oidc/callback"
                )
                change(&settings)
                try await LocalSystem.run(.init(provider: settings)) { system in try await body(system, provider) }
            }
        }

        @Test("a person logs in, sees the device, confirms it, and the waiting device is in")
        func wholeWay() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                async let held = client.follow(url)
                let browser = Browser(await system.address)
                let page = try await browser.arrive(at: url, through: provider, as: "anna")
                #expect(page.status == 200)
                #expect(page.text.contains("<dd>laptop</dd>") && page.text.contains("Anna Berg"))
                #expect(try await system.nodes().isEmpty)
                let done = try await browser.confirm(page)
                #expect(done.status == 200 && done.text.contains("The device laptop is in the network"))
                let answer = try await held
                #expect(answer.isMachineAuthorized)
                #expect(answer.login.loginName == "anna")
                let node = try #require(try await system.nodes().first)
                #expect(node.registerMethod == .oidc)
                let user = try #require(try await system.ask(ListUsers()).first)
                #expect(
                    user.identity
                        == UserIdentity(issuer: provider.issuer, subject: "anna", groups: ["admins", "staff"])
                )
                #expect(user.email == "anna@example.com" && user.displayName == "Anna Berg")
                #expect(browser.cookieNames == [])
            }
        }

        @Test("who logs in again is the same user, with what the provider says now")
        func again() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let first = try await system.login(client, through: provider, as: "anna")
                try await provider.set(
                    "anna",
                    claims: #"{"preferred_username":"annabel","name":"Anna Alm","groups":["staff"]}"#
                )
                let second = try await system.login(client, through: provider, as: "anna", renewing: true)
                #expect(second.id == first.id && second.nodeKey != first.nodeKey)
                let users = try await system.ask(ListUsers())
                #expect(users.map(\.name) == ["anna"])
                #expect(users.first?.displayName == "Anna Alm" && users.first?.email == "")
                #expect(users.first?.identity?.groups == ["staff"])
                let third = try await system.login(client, through: provider, as: "bob", renewing: true)
                #expect(third.id != first.id)
                let back = try await system.login(client, through: provider, as: "anna", renewing: true)
                #expect(back.id == first.id)
            }
        }

        @Test("a user made here is not taken over by somebody of the same name")
        func sameName() async throws {
            try await with { system, provider in
                let local = try await system.createUser("anna")
                let node = try await system.login(system.client("laptop"), through: provider, as: "anna")
                #expect(node.user != local.id)
                #expect(try await system.ask(ListUsers()).map(\.name) == ["anna", "anna@example.com"])
            }
        }

        @Test("state and confirmation work once, and in the browser that began alone")
        func once() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let (browser, other) = (Browser(await system.address), Browser(await system.address))
                let callback = try await browser.callback(from: url, through: provider, as: "anna")
                #expect(try await other.get(callback).status == 400)
                browser.copyCookies(to: other)
                let page = try await browser.get(callback)
                #expect(page.status == 200)
                #expect(try await browser.get(callback).status == 400)
                #expect(try await other.get(callback).status == 400)
                #expect(try await other.confirm(page).status == 400)
                #expect(try await browser.confirm(page, headers: ["Sec-Fetch-Site": "cross-site"]).status == 400)
                browser.copyCookies(to: other)
                #expect(try await browser.confirm(page).status == 200)
                #expect(try await other.confirm(page).status == 400)
                #expect(try await system.nodes().count == 1)
            }
        }

        @Test("several tabs do not disturb each other")
        func tabs() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let browser = Browser(await system.address)
                let first = try await browser.callback(from: url, through: provider, as: "anna")
                _ = try await browser.callback(from: url, through: provider, as: "anna")
                let page = try await browser.get(first)
                #expect(try await browser.confirm(page).status == 200)
            }
        }

        @Test(
            "a callback that nobody asked for is refused with a page",
            arguments: [
                "", "?state=x&code=y", "?code=y", "?state=" + String(repeating: "A", count: 43) + "&code=y",
                "?state=%0d%0aSet-Cookie:%20a=b&code=y", "?state=" + String(repeating: "A", count: 43) + "&error=x",
                "?state=" + String(repeating: "-", count: 10_000),
            ]
        )
        func forged(query: String) async throws {
            try await with { system, _ in
                let page = try await Browser(await system.address).get("/oidc/callback" + query)
                #expect(page.status == 400)
                #expect(page.header("location") == nil && page.header("set-cookie") == nil)
                #expect(page.text.contains("out of date"))
            }
        }

        @Test("a code of another round is refused, and the device goes on waiting")
        func mixedUp() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let first = try await browser.callback(from: url, through: provider, as: "anna")
                let second = try await browser.callback(from: url, through: provider, as: "bob")
                func part(_ url: String, _ name: String) -> String {
                    url.split { "?&".contains($0) }.first { $0.hasPrefix(name + "=") }.map(String.init) ?? ""
                }
                let page = try await browser.get(
                    "/oidc/callback?" + part(first, "state") + "&" + part(second, "code")
                )
                #expect(page.status == 401)
                #expect(try await system.nodes().isEmpty)
                #expect(try await client.register().authURL == url)
            }
        }

        @Test("who says no at the provider gets a page with a way to try again")
        func denied() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let browser = Browser(await system.address)
                let away = try #require(try await browser.get(url.pathAndQuery).header("location"))
                let answer = try await Browser(provider.address, host: "localhost")
                    .post(away.pathAndQuery, form: "action=deny")
                let back = try #require(answer.header("location")).pathAndQuery
                let state = away.split(separator: "&").first { $0.hasPrefix("state=") } ?? ""
                let page = try await browser.get(back.contains("state=") ? back : back + "&" + state)
                #expect(page.status == 403)
                #expect(page.text.contains("access_denied"))
                #expect(page.text.contains("href=\"\(url.pathAndQuery)\""))
            }
        }

        @Test("who is on no list is not admitted")
        func notAdmitted() async throws {
            try await with({ $0.allowedDomains = ["example.com"] }) { system, provider in
                try await provider.set("eve", claims: #"{"email":"eve@evil.test","email_verified":true}"#)
                try await provider.set("mal", claims: #"{"email":"mal@example.com"}"#)
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                for name in ["eve", "mal"] {
                    let page = try await Browser(await system.address).arrive(at: url, through: provider, as: name)
                    #expect(page.status == 403)
                }
                #expect(try await system.ask(ListUsers()).isEmpty)
                _ = try await system.login(client, through: provider, as: "anna")
            }
        }

        @Test("while the provider is away people get a page, and devices wait and come in afterwards by other ways")
        func away() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let callback = try await browser.callback(from: url, through: provider, as: "anna")
                provider.stop()
                try await eventually("the provider is gone") {
                    (try? await Browser(provider.address).get("/jwks")) == nil
                }
                let page = try await browser.get(callback)
                #expect(page.status == 503)
                #expect(page.text.contains("The login service does not answer"))
                #expect(page.text.contains("href=\"\(url.pathAndQuery)\""))
                system.time.advance(by: .seconds(3601))
                let later = try await client.register().authURL
                #expect(try await browser.get(later.pathAndQuery).status == 503)
                let node = try await system.approve(later, for: system.createUser("alice"))
                #expect(try await client.register().isMachineAuthorized)
                #expect(node.registerMethod == .cli)
            }
        }

        @Test("node keys end with the token where that is configured, and a restart of the client does not change that")
        func tokenExpiry() async throws {
            try await with({ $0.usesExpiryOfToken = true }) { system, provider in
                let client = await system.client("laptop")
                let node = try await system.login(client, through: provider, as: "anna")
                let end = try #require(node.expiry)
                #expect((3500...3660).contains(end.timeIntervalSince(system.time.now)))
                #expect(try await client.register().isMachineAuthorized)
                #expect(try await system.nodes().first?.expiry == end)
                system.time.advance(by: .seconds(3700))
                #expect(try await client.register().isNodeKeyExpired)
            }
        }

        @Test("a round outlives the gateway and the registry that began it")
        func restart() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let callback = try await browser.callback(from: url, through: provider, as: "anna")
                try await system.restart()
                let page = try await browser.get(callback)
                #expect(page.status == 200)
                try await system.restart()
                #expect(try await browser.confirm(page).status == 200)
                #expect(try await client.register().isMachineAuthorized)
            }
        }
    }
}

extension Browser {
    /// From the device's address to the provider and through it; where the provider sends the browser back to.
    func callback(
        from authURL: String,
        through provider: ProviderProcess,
        as subject: String
    ) async throws -> String {
        let page = try await get(authURL.pathAndQuery)
        try #require(page.status == 302)
        let away = try #require(page.header("location"))
        try #require(away.hasPrefix(provider.issuer + "/"))
        let form = try await Browser(provider.address, host: "localhost").post(
            away.pathAndQuery,
            form: "sub=\(subject)"
        )
        return try #require(form.header("location")).pathAndQuery
    }

    func arrive(
        at authURL: String,
        through provider: ProviderProcess,
        as subject: String
    ) async throws -> Page {
        try await get(try await callback(from: authURL, through: provider, as: subject))
    }

    func confirm(_ page: Page, headers: [String: String] = [:]) async throws -> Page {
        let token = try #require(page.text.firstMatch(of: #/name="confirmation" value="([^"]+)"/#)).1
        return try await post("/register/confirm", form: "confirmation=\(token)", headers: headers)
    }
}

extension LocalSystem {
    /// A device goes the whole way.
    func login(
        _ client: SimulatedNode,
        through provider: ProviderProcess,
        as subject: String,
        renewing: Bool = false
    ) async throws -> Node {
        let url = renewing ? try await client.renewKey().authURL : try await client.register().authURL
        let browser = Browser(address)
        let page = try await browser.arrive(at: url, through: provider, as: subject)
        try #require(page.status == 200)
        try #require(try await browser.confirm(page).status == 200)
        let key = await client.nodeKey.publicKey
        return try #require(try await nodes().first { $0.nodeKey == key })
    }
}
