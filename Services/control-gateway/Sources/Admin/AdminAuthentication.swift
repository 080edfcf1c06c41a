import Bus
import ControlModel
import Foundation
import HTTPTypes
import Hummingbird
import ServiceKit

/// Lets in whoever holds an API key, and everybody on the local socket.
///
/// Nothing of the request is looked at before; a refusal carries no data.
struct AdminAuthentication: RouterMiddleware {
    typealias Context = SurfaceContext

    /// Longest key looked at, in bytes.
    private static let keyLimit = 256

    private let bus: any Bus
    private let tailnet: TailnetID
    private let now: @Sendable () -> Date
    private let verdicts = APIKeyVerdicts()
    /// Keys that were refused.
    private let failures = AttemptLimiter(burst: 20, interval: .seconds(6))

    init(bus: any Bus, tailnet: TailnetID, now: @escaping @Sendable () -> Date) {
        self.bus = bus
        self.tailnet = tailnet
        self.now = now
    }

    func handle(
        _ request: Request,
        context: SurfaceContext,
        next: @concurrent (Request, SurfaceContext) async throws -> Response
    ) async throws -> Response {
        if !context.connection.isLocalSocket {
            try await admit(request, source: context.connection.source)
        }
        let origin = RequestOrigin(actor: Self.actor(request, context), source: context.connection.source)
        return try await RequestOrigin.$current.withValue(origin) { try await next(request, context) }
    }

    /// Who asks, in words: the public part of the API key, or the local socket.
    static func actor(_ request: Request, _ context: SurfaceContext) -> String {
        guard !context.connection.isLocalSocket else { return "local socket" }
        let parts = bearer(request.headers[.authorization])?.split(separator: "-") ?? []
        return parts.count >= 4 ? "API key \(parts[2].prefix(16))" : "API key"
    }

    private func admit(_ request: Request, source: String?) async throws(AdminProblem) {
        if let delay = failures.delay(for: source) {
            ControlGatewayMetrics.limited("api_key")
            throw AdminProblem(
                .tooManyRequests,
                "too many refused API keys; try again in \(delay.retrySeconds) seconds"
            )
        }
        guard let secret = Self.bearer(request.headers[.authorization]) else {
            throw AdminProblem(
                .unauthorized,
                "an API key is needed: send \"Authorization: Bearer hskey-api-...\"; make one with: swiftscale apikeys create"
            )
        }
        let isValid: Bool
        if let known = verdicts.verdict(on: secret, now: now()) {
            isValid = known
        } else {
            isValid = try await ask(secret)
        }
        guard isValid else {
            failures.note(source)
            throw AdminProblem(.unauthorized, "the API key is unknown or has expired")
        }
    }

    private func ask(_ secret: String) async throws(AdminProblem) -> Bool {
        do {
            let key = try await bus.request(AuthenticateAPIKey(secret: secret), tailnet: tailnet)
            verdicts.accept(secret, until: key.expiry, now: now())
            return key.expiry > now()
        } catch .refused(let failure) where failure.reason == .unauthorized || failure.reason == .notFound {
            verdicts.refuse(secret, now: now())
            return false
        } catch {
            throw AdminProblem(error)
        }
    }

    /// The key of a bearer header, or `nil` where it cannot be one.
    private static func bearer(_ header: String?) -> String? {
        guard let header, header.utf8.count <= keyLimit else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let secret = parts[1].trimmingCharacters(in: .whitespaces)
        return secret.isEmpty ? nil : secret
    }
}
