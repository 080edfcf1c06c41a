import Bus
import ControlModel
import Logging
import NIOCore
import ServiceKit
import TailcfgWire

/// `POST /machine/ssh/event`: a session by SSH could not be recorded.
struct SSHEventHandler: Sendable {
    static let path = "/machine/ssh/event"

    let callers: MachineCallers
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let event: SSHEventNotifyRequest
        do {
            event = try SSHEventNotifyRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "SSH event: \(error)")
        }
        guard let node = await callers.node(event.nodeKey, of: request) else { return MachineCallers.refusal }
        logger.warning(
            "a session by SSH could not be recorded",
            metadata: [
                LogKey.node: "\(event.sourceNode?.description ?? "unknown")", LogKey.destination: "\(node.id)",
                LogKey.details: "\(PageText.clean(String(event.localUser.prefix(Self.shownLength))))",
                LogKey.reason: "\(Self.outcome(event.eventType))",
            ]
        )
        return MachineResponse(status: 201, contentType: "application/json", body: ByteBuffer())
    }

    /// Of an account's name in the log, in characters.
    private static let shownLength = 64

    private static func outcome(_ type: Int) -> String {
        switch type {
        case 1: "the session was refused"
        case 2: "the session was ended"
        case 3: "the session goes on without"
        default: "unknown"
        }
    }
}
