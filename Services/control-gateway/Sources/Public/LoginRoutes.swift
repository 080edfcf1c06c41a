import Bus
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import Keys
import ServiceKit

/// The page that a device sends its user to.
struct LoginRoutes: Sendable {
    let bus: any Bus
    let configuration: ControlGatewayConfiguration
    let pages: LoginPages
    /// `nil`: an administrator decides.
    let provider: ProviderLogin?
    private let visits = AttemptLimiter(burst: 60, interval: .seconds(1))

    init(
        bus: any Bus,
        configuration: ControlGatewayConfiguration,
        pages: LoginPages,
        provider: ProviderLogin?
    ) {
        self.bus = bus
        self.configuration = configuration
        self.pages = pages
        self.provider = provider
    }

    func register(on router: Router<SurfaceContext>) {
        for path in ["/register/{login}", "/auth/{login}"] {
            router.get(RouterPath(path)) { _, context in
                await page(context.parameters.get("login") ?? "", source: context.connection.source)
            }
        }
        guard provider != nil else { return }
        router.get("/register/{login}/{provider}") { _, context in
            await page(
                context.parameters.get("login") ?? "",
                at: context.parameters.get("provider"),
                source: context.connection.source
            )
        }
    }

    private func page(_ text: String, at name: String? = nil, source: String?) async -> Response {
        if let delay = visits.take(source) {
            ControlGatewayMetrics.limited("login_page")
            return pages.tooMany(configuration, retryAfter: delay.retrySeconds)
        }
        guard let id = LoginID(text) else { return pages.noLogin(configuration) }
        let login: PendingLogin
        do {
            login = try await bus.request(GetLogin(login: id), tailnet: configuration.tailnet)
        } catch .refused(let failure) where failure.reason == .notFound {
            return pages.noLogin(configuration)
        } catch {
            return pages.unavailable(configuration, again: "/register/\(id)")
        }
        if let provider, login.state == .waiting { return await provider.begin(login, at: name) }
        guard let check = login.check else { return pages.page(of: login, configuration) }
        return pages.page(of: login, await bus.destination(of: check, configuration.tailnet), configuration)
    }
}

extension LoginPages {
    /// What is to be said of a login, as far as it has come.
    func page(of login: PendingLogin, _ configuration: ControlGatewayConfiguration) -> Response {
        var values = values(of: login, configuration)
        switch login.state {
        case .waiting:
            values["title"] = "A device wants in"
            return response(.ok, .waiting, values)
        case .approved, .done:
            values["title"] = "Done"
            values["isIn"] = true
            return response(.ok, .decided, values)
        case .rejected:
            values["title"] = "Turned away"
            values["isIn"] = false
            return response(.ok, .decided, values)
        }
    }

    /// A device, as far as it can be recognised by its owner.
    func values(of login: PendingLogin, _ configuration: ControlGatewayConfiguration) -> [String: Any] {
        let host = login.hostinfo
        let system = [host.os, host.osVersion, host.distro].filter { !$0.isEmpty }.joined(separator: " ")
        var values: [String: Any] = [
            "server": configuration.serverURL, "login": login.id.rawValue, "page": "/register/\(login.id)",
            "hostname": host.hostname.isEmpty ? "unnamed" : host.hostname, "os": system.isEmpty ? "unknown" : system,
            "client": host.clientVersion.isEmpty ? "unknown" : host.clientVersion,
            "nodeKey": String(login.nodeKey.text.prefix(20)),
            "source": login.source.isEmpty ? "unknown" : login.source, "asked": Self.text(login.createdAt),
            "ends": Self.text(login.deadline),
        ]
        if !host.requestTags.isEmpty { values["tags"] = host.requestTags.joined(separator: " ") }
        if let refusal = login.refusal { values["refusal"] = refusal }
        return values
    }

    func noLogin(_ configuration: ControlGatewayConfiguration) -> Response {
        notice(
            .notFound,
            configuration,
            title: "No such login",
            text: "This login is unknown, was finished, or has ended.",
            advice: "Start it again on the device: it shows a new address."
        )
    }

    func unavailable(_ configuration: ControlGatewayConfiguration, again: String?) -> Response {
        notice(
            .serviceUnavailable,
            configuration,
            title: "Not right now",
            text: "The server cannot look up this login at the moment. The device goes on waiting.",
            again: again
        )
    }

    func tooMany(_ configuration: ControlGatewayConfiguration, retryAfter seconds: Int) -> Response {
        var response = notice(
            .tooManyRequests,
            configuration,
            title: "Too many requests",
            text: "Too many pages were asked for from your address. Try again in a moment."
        )
        response.headers[.retryAfter] = String(seconds)
        return response
    }

    func notice(
        _ status: HTTPResponse.Status,
        _ configuration: ControlGatewayConfiguration,
        title: String,
        text: String,
        advice: String? = nil,
        again: String? = nil
    ) -> Response {
        var values: [String: Any] = ["title": title, "text": text, "server": configuration.serverURL]
        if let advice { values["advice"] = advice }
        if let again { values["again"] = again }
        return response(status, .notice, values)
    }

    private static func text(_ date: Date) -> String {
        let text = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: false))
        return text.replacing("T", with: " ").replacing("Z", with: " UTC")
    }
}
