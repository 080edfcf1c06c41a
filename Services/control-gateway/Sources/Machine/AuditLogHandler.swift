import ControlModel
import Foundation
import Logging
import ServiceKit
import TailcfgWire

/// `POST /machine/audit-log`: what a person did at a client that an audit wants to know.
struct AuditLogHandler: Sendable {
    /// Of what a person gives as reason, in characters.
    private static let detailLength = 500
    /// What clients tell of, by name on the wire.
    private static let actions = ["DISCONNECT_NODE"]

    let callers: MachineCallers
    let limits = AttemptLimiter(burst: 60, interval: .seconds(1))
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
        logger.notice(
            "a client tells of what its user did",
            metadata: [
                LogKey.node: "\(node.id)", LogKey.subject: "\(event.action)",
                LogKey.details: "\(Self.clean(event.details))",
            ]
        )
        return .empty
    }

    /// What a client wrote, without what could pass for another line or entry.
    private static func clean(_ text: String) -> String {
        PageText.clean(String(text.prefix(detailLength)))
    }
}
