import Bus
import ControlModel
import Keys
import Logging
import NIOCore
import ServiceKit

/// `POST /machine/c2n/<token>`: clients' answers, over Noise alone: only so is it known whose they are.
struct ClientAnswerHandler: Sendable {
    /// How often, and how many times, an answer is looked at again whose question is not known yet: it may overtake it on the bus.
    private static let recheck = (interval: Duration.milliseconds(25), times: 40)

    let desk: ClientDesk
    let bus: any Bus
    let tailnet: TailnetID
    let clock: any Clock<Duration>
    /// Answers to what nobody seems to ask: others' are refused at once.
    let strays = AttemptLimiter(burst: 20, interval: .seconds(1))
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        guard request.method == "POST" else { return .text(405, "use POST") }
        guard let token = ClientDesk.token(inPath: request.path) else {
            return .text(400, "this is not where a question is answered")
        }
        let answer = request.isCut ? ClientDesk.Answer.tooLong : .body(request.body)
        switch await verdict(on: answer, to: token, request) {
        case .taken:
            return request.isCut ? Self.tooLong : .empty
        case .pass(let gateway):
            return await pass(answer, to: gateway, token, request.machineKey)
        case .stranger:
            ControlGatewayMetrics.requestsRefused("stranger")
            logger.notice(
                "a machine answered for another one",
                metadata: [LogKey.key: "\(request.machineKey.short)"]
            )
            return .text(403, "this question was not for you")
        case .unknown:
            return .text(404, "nobody asks this, or not any more")
        }
    }

    /// How long a body may be that is longer than those of other requests; `nil`: no longer.
    func bodyLimit(path: String, from machineKey: MachinePublicKey) -> Int? {
        guard let token = ClientDesk.token(inPath: path), desk.admitsLongBody(to: token, from: machineKey) else {
            return nil
        }
        return ClientDesk.answerLimit
    }

    private static let tooLong = MachineResponse.text(
        413,
        "the answer is longer than \(ClientDesk.answerLimit) bytes"
    )

    private func verdict(
        on answer: ClientDesk.Answer,
        to token: String,
        _ request: MachineRequest
    ) async -> ClientDesk.Verdict {
        let first = desk.take(answer, to: token, from: request.machineKey)
        guard first == .unknown else { return first }
        if strays.take(request.machineKey.text) != nil || strays.take(request.source) != nil {
            ControlGatewayMetrics.limited("client_answer")
            return .unknown
        }
        for _ in 0..<Self.recheck.times {
            guard (try? await clock.sleep(for: Self.recheck.interval)) != nil else { return .unknown }
            let verdict = desk.take(answer, to: token, from: request.machineKey)
            if verdict != .unknown { return verdict }
        }
        return .unknown
    }

    private func pass(
        _ answer: ClientDesk.Answer,
        to gateway: String,
        _ token: String,
        _ machineKey: MachinePublicKey
    ) async -> MachineResponse {
        var event = ClientAnswered(gateway: gateway, token: token, machineKey: machineKey, body: nil)
        if case .body(let bytes) = answer { event.body = .init(bytes.readableBytesView) }
        do {
            try await bus.publish(event, tailnet: tailnet)
            return answer == .tooLong ? Self.tooLong : .empty
        } catch {
            logger.debug("an answer was not passed on", metadata: [LogKey.error: "\(error)"])
            return .text(503, "the answer cannot be passed on right now")
        }
    }
}
