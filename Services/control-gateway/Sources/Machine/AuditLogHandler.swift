import Bus
import ControlModel
import Logging
import ServiceKit
import TailcfgWire

/// `POST /machine/audit-log`: what a person did at a client that an audit wants to know.
///
/// Answered with 200 only once it is in the audit log: clients keep what was answered otherwise, and at 429 and 5xx try again.
struct AuditLogHandler: Sendable {
    /// What clients tell of, by name on the wire.
    private static let actions = ["DISCONNECT_NODE"]

    let bus: any Bus
    let tailnet: TailnetID
    let callers: MachineCallers
    /// Of a node: each is kept for as long as the audit log is.
    let limits = AttemptLimiter(burst: 30, interval: .seconds(10))
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let event: AuditLogRequest
        do {
            event = try AuditLogRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "audit log: \(error)")
        }
        guard let node = await callers.node(event.nodeKey, of: request) else { return MachineCallers.refusal }
        guard Self.actions.contains(event.action) else { return .text(400, "there is no action of this name to log") }
        if let delay = limits.take("\(node.id)") {
            ControlGatewayMetrics.limited("audit_log")
            return .tooMany(retryAfter: delay.retrySeconds, "too many entries, try again later")
        }
        let record = RecordClientEvent(node: node.id, action: event.action, details: Self.clean(event.details))
        do {
            _ = try await bus.request(record, tailnet: tailnet)
            return .empty
        } catch {
            return failure(error, of: node)
        }
    }

    private func failure(_ error: BusError, of node: Node) -> MachineResponse {
        if case .refused(let failure) = error {
            switch failure.reason {
            case .invalid: return .text(400, failure.message)
            case .notFound: return MachineCallers.refusal
            case .unauthorized, .conflict, .exhausted, .unavailable, .internalError: break
            }
        }
        logger.warning(
            "what a client tells of its user was not recorded",
            metadata: [LogKey.node: "\(node.id)", LogKey.error: "\(error)"]
        )
        return .text(503, "the audit log cannot be written right now, try again")
    }

    /// What a client wrote, without what could pass for another line or entry.
    private static func clean(_ text: String) -> String {
        PageText.clean(text, upTo: RecordClientEvent.detailsLimit - 1)
    }
}
