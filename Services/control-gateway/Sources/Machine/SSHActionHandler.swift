import Bus
import ControlModel
import Foundation
import Logging
import PolicyLanguage
import ServiceKit
import TailcfgWire

/// `GET /machine/ssh/action/…`: whether somebody may log in by SSH where the policy asks for a check.
///
/// The one who asks is the node that is logged in to. Clients take any status but 200 as passing, and ask again.
struct SSHActionHandler: Sendable {
    static let prefix = SSHActionQuestion.prefix
    /// Requests held for one check: whoever starts several sessions at once waits for them together.
    private static let waitsPerCheck = 64

    let bus: any Bus
    let configuration: ControlGatewayConfiguration
    let engine: NetmapEngine
    let waits: LoginWaits
    /// Of a node that is logged in to.
    private let questions = AttemptLimiter(burst: 200, interval: .milliseconds(100))
    let now: @Sendable () -> Date
    let logger: Logger

    init(
        bus: any Bus,
        configuration: ControlGatewayConfiguration,
        engine: NetmapEngine,
        waits: LoginWaits,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.bus = bus
        self.configuration = configuration
        self.engine = engine
        self.waits = waits
        self.now = now
        self.logger = logger
    }

    func handle(_ request: MachineRequest) async -> MachineResponse {
        guard request.method == "GET" else { return .text(405, "use GET") }
        guard let question = SSHActionQuestion(path: request.path, query: request.query) else {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "expected /machine/ssh/action/SOURCE/to/DESTINATION?local_user=NAME with ids of nodes")
        }
        do {
            let destination = try await node(question.check.destination)
            guard let destination, destination.machineKey == request.machineKey, !destination.isExpired(at: now())
            else {
                ControlGatewayMetrics.requestsRefused("foreign_node")
                return .text(401, "only the node that is logged in to may ask")
            }
            if let delay = questions.take("\(destination.id)") {
                ControlGatewayMetrics.limited("ssh_action")
                return .tooMany(retryAfter: delay.retrySeconds, "too many questions about logins by SSH")
            }
            guard let source = try await node(question.check.source), !source.isExpired(at: now()) else {
                return .verdict(.reject(message: "this device is not known, or its key has expired\r\n"))
            }
            await engine.untilCurrent(source.id)
            return await hold(question, request)
        } catch {
            return failure(error).response
        }
    }

    /// Answers at once what can be answered; holds the request of a check that waits until it is decided, ends, or the client has
    /// been held long enough.
    private func hold(_ question: SSHActionQuestion, _ request: MachineRequest) async -> MachineResponse {
        let end = ContinuousClock.now.advanced(by: configuration.loginPatience)
        while true {
            let wait = question.login.map { waits.add($0, limit: Self.waitsPerCheck) }
            defer { if let wait { waits.remove(wait) } }
            let answer = await answer(to: question, request)
            guard let wait, case .pending(let deadline, let now) = answer else { return answer.response }
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, !Task.isCancelled else { return now }
            let rest = deadline.map { Duration.seconds(max(0, $0.timeIntervalSince(self.now()))) } ?? left
            guard await wait.wake(within: min(left, rest, configuration.loginRecheck)) != .superseded else {
                return .text(503, "too many sessions wait for this check")
            }
        }
    }

    private enum Answer {
        case final(MachineResponse)
        /// The check that was asked about still waits, or nothing can be said of it at this moment.
        case pending(deadline: Date?, MachineResponse)

        var response: MachineResponse {
            switch self {
            case .final(let response), .pending(_, let response): response
            }
        }
    }

    private func answer(to question: SSHActionQuestion, _ request: MachineRequest) async -> Answer {
        let check = question.check
        guard let rule = await engine.sshRule(for: check) else {
            return .final(.verdict(.reject(message: "the policy does not allow this login\r\n")))
        }
        guard case .check(let period, _, _) = rule.action else {
            return .final(.verdict(.accept(WireSSHRule(rule))))
        }
        if isOver(question) { return Self.late }
        do {
            let verdict = try await bus.request(
                CheckSSHLogin(
                    check: check,
                    machineKey: request.machineKey,
                    period: period / .seconds(1),
                    followup: question.login
                ),
                tailnet: configuration.tailnet
            )
            switch verdict {
            case .accepted: return .final(.verdict(.accept(WireSSHRule(rule))))
            case .rejected: return .final(.verdict(.reject(message: "this login was rejected\r\n")))
            case .waiting(let login, let deadline):
                let isKnown = login == question.login
                // It ended while the registry was asked.
                if !isKnown, isOver(question) { return Self.late }
                let url = SSHActionQuestion.url(server: WireSSHRule.anyServer, check, login: login, deadline: deadline)
                let message = isKnown ? "" : "Confirm this login at \(configuration.serverURL)/auth/\(login)\r\n"
                let response = MachineResponse.verdict(.delegate(url: url, message: message))
                return isKnown ? .pending(deadline: deadline, response) : .final(response)
            }
        } catch {
            return failure(error)
        }
    }

    private static let late = Answer.final(.verdict(.reject(message: "nobody confirmed this login in time\r\n")))

    private func isOver(_ question: SSHActionQuestion) -> Bool {
        question.deadline.map { $0 <= now() } ?? false
    }

    private func node(_ id: NodeID) async throws(BusError) -> Node? {
        try await engine.node(id, askingOn: bus, tailnet: configuration.tailnet)
    }

    /// A registry that is away is waited for.
    private func failure(_ error: BusError) -> Answer {
        guard case .refused(let failure) = error else { return passing(error) }
        switch failure.reason {
        case .unavailable, .internalError: return passing(error)
        case .exhausted:
            ControlGatewayMetrics.limited("ssh_action")
            return .final(.tooMany(retryAfter: 10, failure.message))
        case .invalid, .notFound, .conflict, .unauthorized:
            return .final(.verdict(.reject(message: failure.message + "\r\n")))
        }
    }

    private func passing(_ error: BusError) -> Answer {
        logger.debug("an SSH check is not answered yet", metadata: [LogKey.error: "\(error)"])
        return .pending(deadline: nil, .text(503, "this login cannot be decided right now, try again"))
    }
}

extension MachineResponse {
    fileprivate static func verdict(_ verdict: WireSSHVerdict) -> MachineResponse {
        .json(verdict.encoded())
    }
}
