import Bus
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OpenIDConnect
import ServiceKit

/// Logins through OpenID Connect providers: the way there, the way back, and the confirmation.
///
/// What must be remembered in between is with the registry: another gateway can finish what this one began.
struct ProviderLogin: Sendable {
    static let bodyLimit = 4 << 10
    /// Longest authorization code taken, in bytes.
    static let codeLimit = 4 << 10

    let bus: any Bus
    let configuration: ControlGatewayConfiguration
    /// One at least.
    let providers: [OIDCProvider]
    let pages: LoginPages
    let now: @Sendable () -> Date
    let logger: Logger
    private let returns = AttemptLimiter(burst: 30, interval: .seconds(2))

    init(
        bus: any Bus,
        configuration: ControlGatewayConfiguration,
        providers: [OIDCProvider],
        pages: LoginPages,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.bus = bus
        self.configuration = configuration
        self.providers = providers
        self.pages = pages
        self.now = now
        self.logger = logger
    }

    func register(on router: Router<SurfaceContext>) {
        router.get("/oidc/callback") { request, context in
            await limited(context) { await callback(request) }
        }
        router.post("/register/confirm") { request, context in
            await limited(context) { await confirm(request, from: context.connection.source) }
        }
    }

    /// - Throws: when a provider does not answer, or is set up otherwise than told.
    func requireProviders() async throws {
        for provider in providers {
            do {
                try await provider.check(now: now())
            } catch {
                throw ProviderUnavailable(issuer: provider.settings.issuer, cause: error)
            }
        }
    }

    /// Sends a browser to the provider of this name, or lets its user choose where there are several and none is named.
    func begin(_ login: PendingLogin, at name: String?) async -> Response {
        let provider =
            if let name { providers.first { $0.settings.name == name && !name.isEmpty } } else { only }
        if let provider { return await begin(login, provider) }
        return name == nil ? pages.choice(of: providers, login, configuration) : pages.noLogin(configuration)
    }

    private var only: OIDCProvider? { providers.count == 1 ? providers.first : nil }

    private func begin(_ login: PendingLogin, _ provider: OIDCProvider) async -> Response {
        let again = LoginPages.path(of: login)
        do {
            try await provider.check(now: now())
            let round = try await bus.request(
                BeginLoginStep(login: login.id, issuer: provider.settings.issuer),
                tailnet: configuration.tailnet
            )
            let url = try await provider.authorizationURL(
                state: round.state,
                nonce: round.nonce,
                verifier: round.verifier,
                isFresh: login.check != nil,
                now: now()
            )
            var response = Response(status: .found, headers: [.location: url, .cacheControl: "no-store"])
            response.headers.append(field(cookie(.login, round.state).setting(round.browser)))
            return response
        } catch let error as OIDCError {
            return failure(error, again: again)
        } catch {
            return failure(error as? BusError, again: again)
        }
    }

    private func callback(_ request: Request) async -> Response {
        let query = request.uri.queryParameters
        guard let state = query.get("state"), LoginSecrets.isForm(state),
            let browser = cookie(.login, state).value(in: request)
        else { return stale() }
        let step: TakeLoginStep.Response
        do {
            step = try await bus.request(TakeLoginStep(state: state, browser: browser), tailnet: configuration.tailnet)
        } catch {
            return failure(error, again: nil)
        }
        let again = LoginPages.path(of: step.login)
        // Only the provider that was asked may answer; it may have been taken out of the configuration meanwhile.
        let asked = if let issuer = step.issuer { provider(issuer: issuer) } else { only }
        guard let provider = asked else { return stale() }
        do {
            try await provider.requireOwn(issuer: query.get("iss"), now: now())
            if let code = query.get("error") { return failure(.refused(code: code), again: again) }
            guard let code = query.get("code"), (1...Self.codeLimit).contains(code.utf8.count) else { return stale() }
            let claims = try await provider.claims(
                code: code,
                nonce: step.nonce,
                verifier: step.verifier,
                // What the browser was sent away with can be changed on the way: only the answer shows a fresh login.
                since: step.login.check == nil ? nil : step.login.createdAt,
                now: now()
            )
            return try await identified(try provider.person(claims), step.login, state: state)
        } catch let error as OIDCError {
            return failure(error, again: again)
        } catch let refusal as AdmissionRefusal {
            logger.info("a login was not admitted", metadata: [LogKey.reason: "\(refusal)"])
            return pages.notAdmitted(configuration, refusal, again: again)
        } catch {
            return failure(error as? BusError, again: again)
        }
    }

    private func provider(issuer: String) -> OIDCProvider? {
        providers.first { $0.settings.issuer == issuer }
    }

    private func identified(_ person: LoginPerson, _ login: PendingLogin, state: String) async throws -> Response {
        let answer = try await bus.request(
            IdentifyLogin(login: login.id, person: person),
            tailnet: configuration.tailnet
        )
        var response =
            if let check = login.check {
                pages.confirmation(
                    of: login,
                    await bus.destination(of: check, configuration.tailnet),
                    person,
                    token: answer.confirmation,
                    configuration
                )
            } else {
                pages.confirmation(of: login, person, token: answer.confirmation, configuration)
            }
        response.headers.append(field(cookie(.login, state).removing))
        response.headers.append(field(cookie(.confirm, answer.confirmation).setting(answer.browser)))
        return response
    }

    private func confirm(_ request: Request, from source: String?) async -> Response {
        // Browsers say where a form came from; ours is on this site.
        if let site = request.headers[.secFetchSite], site != "same-origin" { return stale() }
        guard let body = try? await request.body.collect(upTo: Self.bodyLimit),
            let token = Self.confirmation(in: String(buffer: body)), LoginSecrets.isForm(token),
            let browser = cookie(.confirm, token).value(in: request)
        else { return stale() }
        do {
            let origin = RequestOrigin(actor: "browser login", source: source)
            let answer = try await RequestOrigin.$current.withValue(origin) {
                try await bus.request(
                    ConfirmLogin(confirmation: token, browser: browser),
                    tailnet: configuration.tailnet
                )
            }
            var response =
                answer.check == nil
                ? pages.welcome(answer.node, answer.user, configuration) : pages.confirmed(answer.node, configuration)
            response.headers.append(field(cookie(.confirm, token).removing))
            return response
        } catch {
            return failure(error as? BusError, again: nil)
        }
    }

    /// The token needs no decoding: it has letters that forms leave as they are.
    private static func confirmation(in form: String) -> String? {
        form.split(separator: "&").first { $0.hasPrefix("confirmation=") }.map { String($0.dropFirst(13)) }
    }

    private func limited(_ context: SurfaceContext, _ answer: () async -> Response) async -> Response {
        guard let delay = returns.take(context.connection.source) else { return await answer() }
        ControlGatewayMetrics.limited("login_page")
        return pages.tooMany(configuration, retryAfter: delay.retrySeconds)
    }

    private func cookie(_ kind: LoginCookie.Kind, _ secret: String) -> LoginCookie {
        LoginCookie(kind: kind, secret: secret, isSecure: configuration.serverURL.hasPrefix("https:"))
    }

    private func field(_ cookie: String) -> HTTPField {
        HTTPField(name: .setCookie, value: cookie)
    }

    private func stale() -> Response {
        pages.notice(
            .badRequest,
            configuration,
            title: "This page is out of date",
            text: "It was used already, is too old, or was opened in another browser.",
            advice: "Open the address that the device shows once more."
        )
    }
}

extension ProviderLogin {
    private func failure(_ error: BusError?, again: String?) -> Response {
        guard case .refused(let failure)? = error, failure.reason != .unavailable, failure.reason != .internalError
        else { return pages.unavailable(configuration, again: again) }
        guard failure.reason != .notFound else { return stale() }
        return pages.notice(
            .conflict,
            configuration,
            title: "This login cannot go on",
            text: failure.message,
            again: again
        )
    }

    private func failure(_ error: OIDCError, again: String?) -> Response {
        switch error {
        case .unavailable(let cause):
            logger.warning("the login provider does not answer", metadata: [LogKey.error: "\(cause)"])
            return pages.notice(
                .serviceUnavailable,
                configuration,
                title: "The login service does not answer",
                text: "Nobody can log in through it at the moment. The device goes on waiting.",
                again: again
            )
        case .refused(let code):
            return pages.notice(
                .forbidden,
                configuration,
                title: "The login was refused",
                text: "The login service said: \(code)",
                again: again
            )
        case .invalid(.loginTooOld), .invalid(.noLoginTime):
            logger.warning("a login that had to be fresh was not", metadata: [LogKey.error: "\(error)"])
            return pages.notice(
                .unauthorized,
                configuration,
                title: "Please log in again",
                text:
                    "This has to be confirmed with a login that is made for it, and the login service did not show one.",
                advice:
                    "If logging in once more does not help, the administrator finds the reason in the server's log.",
                again: again
            )
        case .invalid(let fault):
            logger.warning("a login's token is not valid", metadata: [LogKey.error: "\(fault)"])
            return pages.notice(
                .unauthorized,
                configuration,
                title: "The login is not valid",
                text: "What the login service sent does not fit this login. Nobody was let in.",
                advice: "If it happens again, the administrator finds the reason in the server's log.",
                again: again
            )
        }
    }
}

extension HTTPField.Name {
    /// The name is a valid token, so the fallback is never taken.
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .date
}

/// The gateway was told not to start without its login provider.
struct ProviderUnavailable: Error, CustomStringConvertible {
    var issuer: String
    var cause: any Error

    var description: String {
        "the login provider \(issuer) cannot be used: \(cause); with oidc.only_start_if_oidc_is_available: false the server "
            + "starts without it"
    }
}
