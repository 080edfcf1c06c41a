import Bus
import ControlModel
import Foundation
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Bad input to logins through a provider")
    struct ProviderBadInput {
        private func with(
            transport: any ProviderTransport = HTTPProviderTransport(),
            _ body: (LocalSystem, ProviderProcess) async throws -> Void
        ) async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: #"{"preferred_username":"anna"}"#)
                let options = LocalSystem.Options(providers: [.test(provider)], providerTransport: transport)
                try await LocalSystem.run(options) { system in try await body(system, provider) }
            }
        }

        /// Redeems codes as another client of the same provider: what comes back is signed, and meant for that one.
        private struct OtherClient: ProviderTransport {
            func send(_ request: ProviderRequest) async throws -> ProviderReply {
                var request = request
                if request.form != nil {
                    let pair = Data("other:secret".utf8).base64EncodedString()
                    request.headers["Authorization"] = "Basic " + pair
                }
                return try await HTTPProviderTransport().send(request)
            }
        }

        @Test("a token that was made for another client is refused, though the provider signed it")
        func audience() async throws {
            try await with(transport: OtherClient()) { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let callback = try await browser.callback(from: url, through: provider, as: "anna") { away in
                    away.replacing("client_id=swiftscale", with: "client_id=other")
                }
                let page = try await browser.get(callback)
                #expect(page.status == 401)
                #expect(page.text.contains("does not fit this login"))
                try await expectStillWaiting(client, url, system)
            }
        }

        @Test("a token that has ended is refused")
        func expired() async throws {
            try await with { system, provider in
                system.time.advance(by: .seconds(2 * 3600))
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let page = try await Browser(await system.address).arrive(at: url, through: provider, as: "anna")
                #expect(page.status == 401)
                try await expectStillWaiting(client, url, system)
            }
        }

        @Test("a code that was used is worth nothing in another round")
        func usedCode() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let browser = Browser(await system.address)
                let first = try await browser.callback(from: url, through: provider, as: "anna")
                #expect(try await browser.get(first).status == 200)
                let second = try await browser.callback(from: url, through: provider, as: "anna")
                func part(_ url: String, _ name: String) -> String {
                    url.split { "?&".contains($0) }.first { $0.hasPrefix(name + "=") }.map(String.init) ?? ""
                }
                let replayed = "/oidc/callback?" + part(second, "state") + "&" + part(first, "code")
                #expect([401, 403].contains(try await browser.get(replayed).status))
                #expect(try await system.nodes().isEmpty)
            }
        }

        @Test("a round ends after ten minutes, and with the login it belongs to")
        func late() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let browser = Browser(await system.address)
                let callback = try await browser.callback(from: url, through: provider, as: "anna")
                let page = try await browser.arrive(at: url, through: provider, as: "anna")
                #expect(page.status == 200)
                system.time.advance(by: .seconds(10 * 60))
                #expect(try await browser.get(callback).status == 400)
                #expect(try await browser.confirm(page).status == 400)
                #expect(try await system.nodes().isEmpty)
            }
        }

        private static let misleading = [
            "ID?next=https://evil.test", "ID?redirect_uri=https://evil.test&return=//evil.test", "/evil.test",
            "%2f%2fevil.test", "https:%2f%2fevil.test", "ID/https:%2f%2fevil.test", "..%2f..%2f%2fevil.test",
            "ID%0d%0aLocation:%20https://evil.test", "%5cevil.test", "ID@evil.test", "ID.evil.test",
        ]

        @Test("no address of the server leads a browser elsewhere than to the provider")
        func openRedirect() async throws {
            try await with { system, provider in
                let url = try await system.client("laptop").register().authURL
                let id = url.split(separator: "/").last.map(String.init) ?? ""
                let browser = Browser(await system.address, host: "evil.test")
                for path in Self.misleading {
                    let page = try await browser.get(
                        "/register/" + path.replacing("ID", with: id),
                        headers: [
                            "X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test", "X-Original-URL": "//e",
                        ]
                    )
                    if let location = page.header("location") {
                        #expect(location.hasPrefix(provider.issuer + "/"), "\(path)")
                        #expect(location.contains("redirect_uri=http%3A%2F%2F127.0.0.1%2Foidc%2Fcallback&"))
                        #expect(!location.contains("evil"), "\(path)")
                    } else {
                        #expect(page.status == 404, "\(path)")
                    }
                }
                for target in ["//evil.test/", "/%2fevil.test", "/oidc/callback?redirect=https://evil.test"] {
                    let page = try await browser.get(target)
                    #expect(page.header("location") == nil && [400, 404].contains(page.status), "\(target)")
                }
            }
        }

        @Test("line ends in what devices, people and providers say make no header")
        func headers() async throws {
            try await with { system, provider in
                let evil = "x\r\nX-Evil: 1\r\nSet-Cookie: evil=1\r\n\r\n<script>"
                let claims = try JSONSerialization.data(
                    withJSONObject: ["name": evil, "preferred_username": evil, "picture": "https://x/" + evil]
                )
                try await provider.set("mal", claims: String(decoding: claims, as: UTF8.self))
                let client = await system.client(evil)
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let back = try await browser.callback(from: url, through: provider, as: "mal")
                let page = try await browser.get(back)
                #expect(page.status == 200)
                let done = try await browser.confirm(page)
                #expect(done.status == 200)
                let again = try await browser.callback(
                    from: try await client.renewKey().authURL,
                    through: provider,
                    as: "mal"
                )
                let state = again.split { "?&".contains($0) }.first { $0.hasPrefix("state=") } ?? ""
                let refused = try await browser.get(
                    "/oidc/callback?\(state)&error=x%0d%0aX-Evil:%201%0d%0a%0d%0a%3Cscript%3E"
                )
                #expect(refused.status == 403)
                for page in [page, done, refused] {
                    #expect(page.header("x-evil") == nil)
                    #expect(!page.headers.contains { $0.value.contains("evil") })
                    #expect(!page.text.contains("<script>"))
                }
            }
        }

        private func expectStillWaiting(_ client: SimulatedNode, _ url: String, _ system: LocalSystem) async throws {
            #expect(try await system.nodes().isEmpty)
            #expect(try await system.ask(ListUsers()).isEmpty)
            #expect(try await client.register().authURL == url)
        }
    }
}
