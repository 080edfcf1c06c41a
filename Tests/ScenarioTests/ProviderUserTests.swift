import Bus
import ControlModel
import Crypto
import Foundation
import IPAddresses
import Keys
import OpenIDConnect
import Synchronization
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Users of a login provider")
    struct ProviderUsers {
        private func with(
            _ change: @escaping @Sendable (inout OIDCSettings) -> Void = { _ in },
            transport: any ProviderTransport = HTTPProviderTransport(),
            _ body: (LocalSystem, ProviderProcess) async throws -> Void
        ) async throws {
            try await ProviderProcess.run { provider in
                var settings = OIDCSettings.test(provider)
                change(&settings)
                let options = LocalSystem.Options(providers: [settings], providerTransport: transport)
                try await LocalSystem.run(options) { system in try await body(system, provider) }
            }
        }

        @Test("users are made with who they are at the provider, and all their devices see each other")
        func all() async throws {
            try await with { system, provider in
                var maps: [MapSession] = []
                for (user, device) in [("anna", "a1"), ("anna", "a2"), ("ben", "b1"), ("ben", "b2")] {
                    try await provider.set(user, claims: #"{"preferred_username":"\#(user)"}"#)
                    let client = await system.client(device)
                    _ = try await system.login(client, through: provider, as: user)
                    maps.append(try await client.startMap())
                }
                try await eventually("all see each other, online") {
                    maps.allSatisfy { $0.view.peers.values.count { $0.isOnline == true } == 3 }
                }
                let users = try await system.ask(ListUsers())
                #expect(Set(users.map(\.name)) == ["anna", "ben"])
                #expect(
                    Set(users.compactMap(\.identity?.key)) == ["\(provider.issuer)/anna", "\(provider.issuer)/ben"]
                )
                for map in maps { #expect(map.snapshot.faults == []) }
            }
        }

        @Test(
            "an address counts if the provider has verified it, or if that does not matter",
            arguments: [
                (true, #""email_verified":true"#, true), (true, #""email_verified":"true""#, true),
                (true, #""email_verified":false"#, false), (true, #""other":1"#, false),
                (false, #""email_verified":false"#, true),
            ]
        )
        func verified(isRequired: Bool, claim: String, counts: Bool) async throws {
            try await with({ $0.requiresVerifiedEmail = isRequired }) { system, provider in
                // Somebody of this name and address is here already: nobody becomes them by claiming so.
                let local = try await system.ask(CreateUser(name: "anna", email: "anna@example.com"))
                try await provider.set("7", claims: #"{"email":"anna@example.com",\#(claim)}"#)
                let node = try await system.login(system.client("laptop"), through: provider, as: "7")
                let users = try await system.ask(ListUsers())
                let user = try #require(users.first { $0.id == node.user })
                #expect(user.id != local.id && users.count == 2)
                #expect(user.email == (counts ? "anna@example.com" : ""))
                #expect(user.name == (counts ? "anna@example.com" : "user-1"))
            }
        }

        @Test("users may be named after their address without its domain; two of one name get different ones")
        func stripped() async throws {
            try await with({ $0.stripsEmailDomain = true }) { system, provider in
                for (subject, email) in [("1", "anna@example.com"), ("2", "anna@example.org")] {
                    try await provider.set(subject, claims: #"{"email":"\#(email)","email_verified":true}"#)
                    _ = try await system.login(system.client("d" + subject), through: provider, as: subject)
                }
                #expect(try await system.ask(ListUsers()).map(\.name) == ["anna", "anna@example.org"])
            }
        }

        @Test("issuer and subject are compared each for itself: no other split of the same text is the same user")
        func otherSplit() async throws {
            try await LocalSystem.run { system in
                func confirm(_ hostname: String, _ identity: UserIdentity) async throws -> User? {
                    let login = try system.login(try await system.client(hostname).register().authURL)
                    let person = LoginPerson(identity: identity, names: ["anna"])
                    let step = try await system.ask(IdentifyLogin(login: login, person: person))
                    return try await system.ask(
                        ConfirmLogin(confirmation: step.confirmation, browser: step.browser)
                    ).user
                }
                let first = try await confirm("one", UserIdentity(issuer: "https://id.test", subject: "realm/7"))
                #expect(first?.name == "anna")
                await #expect(throws: BusError.self) {
                    try await confirm("two", UserIdentity(issuer: "https://id.test/realm", subject: "7"))
                }
                let same = try await confirm("three", UserIdentity(issuer: "https://id.test/", subject: "realm/7"))
                #expect(same?.id == first?.id)
                #expect(try await system.ask(ListUsers()).count == 1)
            }
        }

        /// Keeps what is sent to the provider.
        private final class Recorder: ProviderTransport {
            let forms = Mutex<[String]>([])

            func send(_ request: ProviderRequest) async throws -> ProviderReply {
                if let form = request.form { forms.withLock { $0.append(form) } }
                return try await HTTPProviderTransport().send(request)
            }
        }

        @Test("the challenge that goes out is the hash of the verifier that redeems the code, and new each time")
        func challenge() async throws {
            let recorder = Recorder()
            try await with({ $0.extraParameters = ["domain_hint": "example.com", "state": "x"] }, transport: recorder) {
                system,
                provider in
                let browser = Browser(await system.address)
                let url = try await system.client("laptop").register().authURL
                let sent = Mutex<[String]>([])
                for _ in 1...2 {
                    let callback = try await browser.callback(from: url, through: provider, as: "anna") { away in
                        sent.withLock { $0.append(away) }
                        return away
                    }
                    #expect(try await browser.get(callback).status == 200)
                }
                let away = sent.withLock { $0 }
                let forms = recorder.forms.withLock { $0 }
                #expect(forms.count == 2 && Set(forms).count == 2)
                for (away, form) in zip(away, forms) {
                    let verifier = Self.part(form, "code_verifier")
                    #expect(verifier.utf8.count == 43)
                    let hash = Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
                        .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
                    #expect(Self.part(away, "code_challenge") == hash)
                    #expect(Self.part(away, "code_challenge_method") == "S256")
                    #expect(Self.part(away, "domain_hint") == "example.com")
                    #expect(Self.part(away, "state") != "x")
                }
            }
        }

        private static func part(_ text: String, _ name: String) -> String {
            text.split { "?&".contains($0) }.first { $0.hasPrefix(name + "=") }
                .map { String($0.dropFirst(name.count + 1)) } ?? ""
        }

        @Test("a device whose login has ended gets a new address, and its user can finish there")
        func endedLogin() async throws {
            try await with { system, provider in
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                let browser = Browser(await system.address)
                let callback = try await browser.callback(from: url, through: provider, as: "anna")
                async let held = client.follow(url)
                try await eventually("a held request") { try await system.heldRequests(url) == 1 }
                system.time.advance(by: .seconds(15 * 60))
                await client.disconnect()
                _ = try? await held
                #expect(try await browser.get(callback).status == 400)
                #expect(try await browser.get(url.pathAndQuery).status == 404)
                let again = try await client.follow(url).authURL
                #expect(again != url && again != "")
                let page = try await browser.arrive(at: again, through: provider, as: "anna")
                #expect(try await browser.confirm(page).status == 200)
                #expect(try await client.follow(again).isMachineAuthorized)
                #expect(try await system.nodes().count == 1)
            }
        }

        @Test("routes of a router whose owner logs in again serve under its new key")
        func routes() async throws {
            try await with { system, provider in
                try await provider.set("anna", claims: #"{"preferred_username":"anna","groups":["net"]}"#)
                try await system.publish(
                    1,
                    #"""
                    {"groups": {"group:net": ["oidc:net"]}, "autoApprovers": {"routes": {"10.9.0.0/16": ["group:net"]}},
                    "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}
                    """#
                )
                let (_, watcher) = try await system.joined("watcher")
                let router = await system.client("router")
                let first = try await system.login(router, through: provider, as: "anna")
                try await router.update { $0.routableIPs = [IPPrefix("10.9.1.0/24")].compactMap(\.self) }
                try await router.startMap()
                func served() -> Bool {
                    watcher.view.peer(named: "router")?.allowedIPs?.map(\.description).contains("10.9.1.0/24") == true
                }
                try await eventually("the route") { served() }
                try await router.logout()
                await router.disconnect()
                let second = try await system.login(router, through: provider, as: "anna", renewing: true)
                #expect(second.id == first.id)
                try await router.startMap()
                try await eventually("the route again, under the new key") {
                    served() && watcher.view.peer(named: "router")?.key == second.nodeKey
                        && watcher.view.peer(named: "router")?.isExpired != true
                }
                try await provider.set("anna", claims: #"{"preferred_username":"anna"}"#)
                _ = try await system.login(router, through: provider, as: "anna", renewing: true)
                try await eventually("who is in the group no longer routes nothing") { !served() }
                #expect(watcher.snapshot.faults == [])
            }
        }
    }
}
