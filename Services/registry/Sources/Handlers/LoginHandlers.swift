import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage

extension Registry {
    static let tooManyLogins = RequestFailure(.exhausted, "too many devices wait for a login, try again later")
    private static let noLogins = RequestFailure(.unavailable, "this registry keeps no logins")
    private static let noLogin = RequestFailure(
        .notFound,
        "there is no such login, or it has ended: start it again on the device"
    )

    func serveLogins(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(GetLogin.self, in: &group) { try await self.requireLogin($0.login) }
        serve(ListLogins.self, in: &group) { _ in
            try await self.logins().logins(tailnet: self.tailnet, now: self.dependencies.now())
        }
        serve(ApproveLogin.self, in: &group) { try await self.approveLogin($0) }
        serve(RejectLogin.self, in: &group) { try await self.rejectLogin($0.login) }
        serve(BeginLoginStep.self, in: &group) { try await self.beginStep($0) }
        serve(TakeLoginStep.self, in: &group) { try await self.takeStep($0) }
        serve(IdentifyLogin.self, in: &group) { try await self.identify($0) }
        serve(ConfirmLogin.self, in: &group) { try await self.confirm($0) }
        serve(CheckSSHLogin.self, in: &group) { try await self.checkSSH($0) }
    }

    func logins() throws -> any PendingLoginStore & SSHConfirmationStore {
        guard let logins = dependencies.logins else { throw Self.noLogins }
        return logins
    }

    func requireLogin(_ id: LoginID) async throws -> PendingLogin {
        guard let login = try await logins().login(id, tailnet: tailnet, now: dependencies.now()) else {
            throw Self.noLogin
        }
        return login
    }

    /// What a client hears that nothing but a person can admit: its login's page, or the verdict.
    func logIn(
        _ request: RegisterNode,
        after decision: RegisterNode.Response
    ) async throws -> RegisterNode.Response {
        guard case .loginRequired = decision, let logins = dependencies.logins else { return decision }
        if let followed = request.followup,
            let login = try await logins.login(followed, tailnet: tailnet, now: dependencies.now()),
            login.isOf(request), let answer = try await answer(login)
        {
            return answer
        }
        for _ in 0..<Self.attempts {
            let login = try await begin(request, in: logins)
            // The store makes a new row in place of one that is over.
            if !login.isOver, let answer = try await answer(login) { return answer }
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    /// What the login's own device hears of it; `nil`: that it has to begin a new one.
    ///
    /// Who asks about a login that waits is not answered by a new one, even if it is rejected at this moment: the verdict must be
    /// there for the next look.
    private func answer(_ login: PendingLogin) async throws -> RegisterNode.Response? {
        switch login.state {
        case .waiting:
            return .loginRequired(login: login.id)
        case .approved(let user, let method, let expiry):
            return try await admit(login, LoginApproval(user: user, method: method, expiry: expiry)).response
        case .rejected:
            return .refused(login.refusal ?? "the login of this device was rejected")
        case .done:
            return nil
        }
    }

    private func begin(_ request: RegisterNode, in logins: any PendingLoginStore) async throws -> PendingLogin {
        guard let id = LoginID(random: dependencies.randomBytes(LoginID.randomLength)) else {
            throw RequestFailure.internalError
        }
        let now = dependencies.now()
        let login = PendingLogin(
            id: id,
            tailnet: tailnet,
            machineKey: request.machineKey,
            nodeKey: request.nodeKey,
            oldNodeKey: request.oldNodeKey,
            hostinfo: request.hostinfo,
            isEphemeral: request.isEphemeral,
            expiry: request.expiry,
            capabilityVersion: request.capabilityVersion,
            source: request.source ?? "",
            createdAt: now,
            deadline: now.addingTimeInterval(configuration.loginLifetime / .seconds(1))
        )
        guard let stored = try await logins.addLogin(login, limits: configuration.loginLimits, now: now) else {
            metrics.loginsLimited.increment()
            throw Self.tooManyLogins
        }
        if stored.id == id { metrics.loginsBegun.increment() }
        return stored
    }

    private func rejectLogin(_ id: LoginID) async throws -> Done {
        for _ in 0..<Self.attempts {
            var login = try await requireLogin(id)
            switch login.state {
            case .rejected: return Done()
            case .approved, .done: throw RequestFailure(.conflict, "the login was approved already")
            case .waiting: login.state = .rejected
            }
            do {
                try await decided(try await logins().replaceLogin(login))
                metrics.loginsRejected.increment()
                return Done()
            } catch StorageError.conflict {
                continue
            }
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    /// Tells the gateways; a lost event costs them a moment.
    func decided(_ login: PendingLogin) async throws {
        do {
            try await dependencies.bus.publish(LoginDecided(login: login.id, version: login.version), tailnet: tailnet)
        } catch {
            logger.debug("a decision was not published", metadata: [LogKey.error: "\(error)"])
        }
    }

    func removeEndedLogins() async {
        do {
            try await dependencies.logins?.removeEndedLogins(tailnet: tailnet, now: dependencies.now())
            try await removeOldConfirmations()
        } catch {
            logger.warning("ended logins were not removed", metadata: [LogKey.error: "\(error)"])
        }
    }
}

extension PendingLogin {
    fileprivate func isOf(_ request: RegisterNode) -> Bool {
        check == nil && machineKey == request.machineKey && nodeKey == request.nodeKey
    }
}
