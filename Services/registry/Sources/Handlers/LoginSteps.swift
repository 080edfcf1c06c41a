import Bus
import ControlModel
import Crypto
import Foundation
import Storage

extension Registry {
    /// Rounds through a provider that one login may have open: tabs and attempts of one person.
    private static let stepLimit = 16
    /// How long a round may take; never longer than its login.
    private static let stepLifetime: TimeInterval = 10 * 60
    private static let secretLength = 32
    private static let noStep = RequestFailure(
        .notFound,
        "this login page was used already, is too old, or was opened in another browser"
    )

    func beginStep(_ request: BeginLoginStep) async throws -> BeginLoginStep.Response {
        let login = try await requireLogin(request.login)
        guard case .waiting = login.state else { throw RequestFailure(.conflict, "the login was decided already") }
        let answer = BeginLoginStep.Response(state: secret(), nonce: secret(), verifier: secret(), browser: secret())
        let stage = LoginStep.Stage.authorizing(
            nonce: answer.nonce,
            verifier: answer.verifier,
            issuer: request.issuer
        )
        try await add(stage, of: login, secret: answer.state, browser: answer.browser)
        return answer
    }

    func takeStep(_ request: TakeLoginStep) async throws -> TakeLoginStep.Response {
        let step = try await take(request.state, browser: request.browser)
        guard case .authorizing(let nonce, let verifier, let issuer) = step.stage else { throw Self.noStep }
        return .init(login: try await requireLogin(step.login), nonce: nonce, verifier: verifier, issuer: issuer)
    }

    func identify(_ request: IdentifyLogin) async throws -> IdentifyLogin.Response {
        let login = try await requireLogin(request.login)
        guard case .waiting = login.state else { throw RequestFailure(.conflict, "the login was decided already") }
        if let check = login.check { _ = try await requireOwner(of: check, request.person) }
        let answer = IdentifyLogin.Response(confirmation: secret(), browser: secret())
        try await add(
            .confirming(request.person),
            of: login,
            secret: answer.confirmation,
            browser: answer.browser
        )
        return answer
    }

    func confirm(_ request: ConfirmLogin) async throws -> ConfirmLogin.Response {
        let step = try await take(request.confirmation, browser: request.browser)
        guard case .confirming(let person) = step.stage else { throw Self.noStep }
        if let check = try await requireLogin(step.login).check {
            let owner = try await requireOwner(of: check, person)
            return .init(node: try await confirm(step.login, check), user: owner, check: check)
        }
        let user = try await user(for: person)
        let approval = LoginApproval(user: user.id, method: .oidc, expiry: person.nodeExpiry)
        let admission = try await approve(step.login, approval)
        return .init(node: admission.node, user: admission.user)
    }

    private func add(
        _ stage: LoginStep.Stage,
        of login: PendingLogin,
        secret: String,
        browser: String
    ) async throws {
        let step = LoginStep(
            secretHash: Self.hash(secret),
            login: login.id,
            browserHash: Self.hash(browser),
            stage: stage,
            deadline: min(login.deadline, dependencies.now().addingTimeInterval(Self.stepLifetime))
        )
        try await logins().addStep(step, limit: Self.stepLimit, tailnet: tailnet)
    }

    private func take(_ secret: String, browser: String) async throws -> LoginStep {
        let step = try await logins().takeStep(
            secretHash: Self.hash(secret),
            browserHash: Self.hash(browser),
            tailnet: tailnet,
            now: dependencies.now()
        )
        guard let step else { throw Self.noStep }
        return step
    }

    /// Random text of the letters that URLs and PKCE take.
    private func secret() -> String {
        Data(dependencies.randomBytes(Self.secretLength)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The secrets are random, so a fast hash does.
    private static func hash(_ secret: String) -> Data {
        Data(SHA256.hash(data: Data(secret.utf8)))
    }
}
