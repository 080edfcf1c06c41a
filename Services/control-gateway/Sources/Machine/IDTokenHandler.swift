import Bus
import ControlModel
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// `POST /machine/id-token`: a token by which a workload proves which node it runs on.
struct IDTokenHandler: Sendable {
    let bus: any Bus
    let configuration: ControlGatewayConfiguration
    let engine: NetmapEngine
    let callers: MachineCallers
    /// Of a node: each costs a signature.
    let requests = AttemptLimiter(burst: 30, interval: .seconds(1))
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let wire: TokenRequest
        do {
            wire = try TokenRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "token request: \(error)")
        }
        guard let node = await callers.node(wire.nodeKey, of: request) else { return MachineCallers.refusal }
        if let delay = requests.take("\(node.id)") {
            ControlGatewayMetrics.limited("id_token")
            return .tooMany(retryAfter: delay.retrySeconds, "too many tokens, try again later")
        }
        let question = IssueIDToken(
            nodeKey: wire.nodeKey,
            machineKey: request.machineKey,
            audience: wire.audience,
            issuer: configuration.serverURL,
            domain: await engine.baseDomain()
        )
        do {
            let answer = try await bus.request(question, tailnet: configuration.tailnet)
            return Self.answer(answer.token)
        } catch {
            return failure(error)
        }
    }

    private static func answer(_ token: String) -> MachineResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id_token")
        writer.string(token)
        writer.endObject()
        return .json(writer.take())
    }

    private func failure(_ error: BusError) -> MachineResponse {
        if case .refused(let failure) = error {
            switch failure.reason {
            case .invalid: return .text(400, failure.message)
            case .unauthorized, .notFound: return .text(403, failure.message)
            case .conflict, .exhausted, .unavailable, .internalError: break
            }
        }
        logger.warning("a token was not issued", metadata: [LogKey.error: "\(error)"])
        return .text(503, "tokens cannot be issued right now, try again")
    }
}
