import BusInProcess
import Foundation
import Logging
import NIOPosix
import OpenIDConnect
import Testing

@testable import ControlGatewayService

@Suite("A gateway whose login provider is away when it starts")
struct ProviderStartTests {
    /// Answers for the providers that are there, with a discovery document.
    private struct Providers: ProviderTransport {
        var present: Set<String>

        func send(_ request: ProviderRequest) async throws -> ProviderReply {
            let issuer = "https://" + (request.url.host ?? "")
            guard present.contains(issuer) else { throw CancellationError() }
            let document = """
                {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/a","token_endpoint":"\(issuer)/t",
                "jwks_uri":"\(issuer)/k"}
                """
            return ProviderReply(status: 200, body: Data(document.utf8))
        }
    }

    private func login(present: Set<String>) -> ProviderLogin {
        ProviderLogin(
            bus: InProcessBus(),
            configuration: configuration,
            providers: configuration.providers.map {
                OIDCProvider($0, transport: Providers(present: present))
            },
            pages: LoginPages(),
            now: { Date() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private var configuration: ControlGatewayConfiguration {
        var configuration = ControlGatewayConfiguration(
            serverURL: "https://vpn.test",
            instance: "g",
            addressPrefixes: [],
            version: "0"
        )
        configuration.providers = ["a", "b"].map { name in
            OIDCSettings(issuer: "https://\(name).test", clientID: "x", clientSecret: "", redirectURL: "https://v/o")
        }
        configuration.startsOnlyWithProviders = true
        return configuration
    }

    @Test("it may be told to stop then, by name; all of several must be there")
    func required() async throws {
        try await login(present: ["https://a.test", "https://b.test"]).requireProviders()
        for present in [[], ["https://a.test"], ["https://b.test"]] as [Set<String>] {
            let away = ["https://a.test", "https://b.test"].first { !present.contains($0) } ?? ""
            await #expect {
                try await login(present: present).requireProviders()
            } throws: { error in
                "\(error)".hasPrefix("the login provider \(away) cannot be used")
            }
        }
    }

    @Test("the service ends with that")
    func service() async throws {
        let gateway = ControlGatewayService(
            configuration: configuration,
            dependencies: .init(
                bus: InProcessBus(),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                now: { Date() },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                providerTransport: Providers(present: [])
            )
        )
        await #expect(throws: ProviderUnavailable.self) { try await gateway.run() }
    }
}
