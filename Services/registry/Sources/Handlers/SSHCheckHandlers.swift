import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage

extension Registry {
    /// Longest name of an account taken, in bytes.
    private static let localUserLimit = 256
    /// How long confirmations are remembered: as long as a policy may let them hold.
    private static let confirmationLifetime: TimeInterval = 168 * 3600

    /// Whether somebody may log in by SSH, or what has to happen first.
    ///
    /// A check that is not there any more, or never was, begins anew: its person is asked again.
    func checkSSH(_ request: CheckSSHLogin) async throws -> CheckSSHLogin.Response {
        let (check, logins, now) = (request.check, try logins(), dependencies.now())
        guard (1...Self.localUserLimit).contains(check.localUser.utf8.count) else {
            throw RequestFailure(.invalid, "the local user is empty or too long")
        }
        let destination = try await requireNode(check.destination)
        guard destination.machineKey == request.machineKey else {
            throw RequestFailure(.unauthorized, "the machine is not the destination of this login")
        }
        let source = try await requireNode(check.source)
        if let id = request.followup, let known = try await logins.login(id, tailnet: tailnet, now: now),
            known.check == check
        {
            return answer(known)
        }
        if request.period > 0,
            let last = try await logins.confirmation(of: check.confirmed(from: source), tailnet: tailnet),
            now.timeIntervalSince(last) < request.period
        {
            metrics.sshRemembered.increment()
            return .accepted
        }
        return try await begin(check, from: source, now: now)
    }

    private func answer(_ login: PendingLogin) -> CheckSSHLogin.Response {
        switch login.state {
        case .waiting, .approved: .waiting(login: login.id, deadline: login.deadline)
        case .rejected: .rejected
        case .done: .accepted
        }
    }

    private func begin(_ check: SSHCheck, from source: Node, now: Date) async throws -> CheckSSHLogin.Response {
        guard let id = LoginID(random: dependencies.randomBytes(LoginID.randomLength)) else {
            throw RequestFailure.internalError
        }
        let login = PendingLogin(
            id: id,
            tailnet: tailnet,
            machineKey: source.machineKey,
            nodeKey: source.nodeKey,
            oldNodeKey: nil,
            hostinfo: source.hostinfo,
            capabilityVersion: source.capabilityVersion,
            // Who asks for too many is the destination.
            source: "ssh \(check.destination)",
            check: check,
            createdAt: now,
            deadline: now.addingTimeInterval(configuration.loginLifetime / .seconds(1))
        )
        guard let stored = try await logins().addLogin(login, limits: configuration.loginLimits, now: now) else {
            metrics.loginsLimited.increment()
            throw Self.tooManyLogins
        }
        if stored.id == id { metrics.sshBegun.increment() }
        return .waiting(login: stored.id, deadline: stored.deadline)
    }

    /// Confirms a check; the verdict is given once, then remembered.
    ///
    /// Should this process end in between, the person is asked again the next time.
    ///
    /// - Returns: the source.
    func confirm(_ id: LoginID, _ check: SSHCheck) async throws -> Node {
        let source = try await requireNode(check.source)
        for _ in 0..<Self.attempts {
            var login = try await requireLogin(id)
            switch login.state {
            case .rejected: throw RequestFailure(.conflict, "the login was rejected already")
            case .done: return source
            case .waiting, .approved: login.state = .done(node: check.source)
            }
            do {
                login = try await logins().replaceLogin(login)
            } catch StorageError.conflict {
                continue
            }
            try await logins().confirm(check.confirmed(from: source), at: dependencies.now(), tailnet: tailnet)
            metrics.sshConfirmed.increment()
            logger.info(
                "a login by SSH was confirmed",
                metadata: [LogKey.node: "\(check.source)", LogKey.destination: "\(check.destination)"]
            )
            try await decided(login)
            return source
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    /// The user to whom a check's source belongs, if that is this person: nobody else may confirm it.
    func requireOwner(of check: SSHCheck, _ person: LoginPerson) async throws -> User {
        let user = try await store.user(withIdentity: person.identity.key, tailnet: tailnet)
        guard let user, user.identity?.isSamePerson(as: person.identity) == true,
            try await requireNode(check.source).user == user.id
        else {
            throw RequestFailure(
                .unauthorized,
                "this login by SSH comes from a device that is not yours: only its owner can confirm it"
            )
        }
        return user
    }

    func removeOldConfirmations() async throws {
        let limit = dependencies.now().addingTimeInterval(-Self.confirmationLifetime)
        try await dependencies.logins?.removeConfirmations(through: limit, tailnet: tailnet)
    }
}

extension SSHCheck {
    /// As what a confirmation is remembered: it is worth nothing once the source is somebody else's, or tagged.
    fileprivate func confirmed(from source: Node) -> SSHCheck {
        var check = self
        let owner = source.user.map { "user \($0)" } ?? source.tags.joined(separator: ",")
        check.localUser = "\(localUser) from \(owner)"
        return check
    }
}
