import ControlModel
import Keys
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension OIDCSettings {
    /// This server as a client of a provider.
    static func test(
        _ provider: ProviderProcess,
        name: String = "",
        serverURL: String = "http://127.0.0.1"
    ) -> OIDCSettings {
        var settings = OIDCSettings(
            issuer: provider.issuer,
            clientID: "swiftscale",
            clientSecret: "secret",
            redirectURL: serverURL + "/oidc/callback"
        )
        settings.name = name
        return settings
    }
}

extension LocalSystem {
    /// A device goes the whole way.
    func login(
        _ client: SimulatedNode,
        through provider: ProviderProcess,
        as subject: String,
        renewing: Bool = false,
        at name: String? = nil
    ) async throws -> Node {
        var url = renewing ? try await client.renewKey().authURL : try await client.register().authURL
        if let name { url += "/" + name }
        let browser = Browser(address)
        let page = try await browser.arrive(at: url, through: provider, as: subject)
        try #require(page.status == 200)
        try #require(try await browser.confirm(page).status == 200)
        let key = await client.nodeKey.publicKey
        return try #require(try await nodes().first { $0.nodeKey == key })
    }
}
