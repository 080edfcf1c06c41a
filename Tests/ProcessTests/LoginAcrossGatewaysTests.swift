import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("a login across gateways", .timeLimit(.minutes(4)))
    struct LoginAcrossGatewaysTests {
        @Test(
            "begun at one gateway, finished at the other: the first is killed while it holds the waiting client and its user is at the provider"
        )
        func provider() async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: #"{"preferred_username":"anna","groups":["staff"]}"#)
                let settings = [
                    "OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": "swiftscale", "OIDC_CLIENT_SECRET": "secret",
                ]
                try await SplitSystem.run(.init(relays: 0, settings: ["gateway": settings])) { system in
                    let (first, second) = (try system.gateways[0].address(), try system.gateways[1].address())
                    let client = SimulatedNode(first, hostname: "laptop")
                    let url = try await client.register().authURL
                    async let cut = client.follow(url)
                    try await system.untilWaiting(2)
                    let (near, far) = (Browser(first), Browser(second))
                    let callback = try await near.callback(from: url, through: provider, as: "anna")
                    try await system.gateways[0].crash()
                    let ending = try? await cut
                    #expect(ending == nil)

                    near.copyCookies(to: far)
                    await client.move(to: second)
                    async let held = client.follow(url)
                    try await system.untilWaiting(3)
                    let page = try await far.get(callback)
                    #expect(page.status == 200 && page.text.contains("<dd>laptop</dd>"))
                    #expect(try await far.confirm(page).status == 200)
                    let answer = try await held
                    #expect(answer.isMachineAuthorized && answer.login.loginName == "anna")
                    #expect(try await far.get(callback).status == 400)
                    let map = try await client.startMap()
                    try await eventually("its map") { map.view.own != nil }

                    try system.gateways[0].start()
                    try await system.gateways[0].waitUntilReady()
                    await client.move(to: try system.gateways[0].address())
                    #expect(try await client.register().isMachineAuthorized)
                    #expect(try await system.nodes(through: 1).map(\.name) == ["laptop"])
                }
            }
        }

        @Test("a device that waits at one gateway comes in when an administrator lets it in at the other")
        func approval() async throws {
            try await SplitSystem.run(.init(relays: 0)) { system in
                let client = SimulatedNode(try system.gateways[0].address(), hostname: "laptop")
                let url = try await client.register().authURL
                async let held = client.follow(url)
                try await system.untilWaiting(2)
                let page = try await Browser(try system.gateways[1].address()).get(url.pathAndQuery)
                #expect(page.status == 200 && page.text.contains("<dd>laptop</dd>"))
                let id = try #require(url.split(separator: "/").last.map(String.init))
                _ = try await system.admin(["users", "create", "alice"], through: 1)
                _ = try await system.admin(["auth", "register", "--auth-id", id, "--user", "alice"], through: 1)
                #expect(try await held.isMachineAuthorized)
            }
        }
    }
}

extension SplitSystem {
    /// Waits until the registry has told clients so many times that somebody must let them in.
    ///
    /// A request that asks again at its address is held by its gateway from then on.
    fileprivate func untilWaiting(_ count: Int) async throws {
        let series = #"registry_registrations_total{outcome="login_required"}"#
        try await eventually("a request is held", every: .milliseconds(50)) {
            try await registries[0].metric(series) >= Double(count)
        }
    }
}
