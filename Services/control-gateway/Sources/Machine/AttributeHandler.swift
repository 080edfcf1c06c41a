import Bus
import ControlModel
import Logging
import ServiceKit
import TailcfgWire

/// `PATCH /machine/set-device-attr`: what a client says of its device, for posture conditions.
///
/// The registry decides which attributes clients may set by themselves: whoever rules the client decides what it says.
struct AttributeHandler: Sendable {
    let bus: any Bus
    let tailnet: TailnetID
    let callers: MachineCallers
    /// Of a node: each is a change that all gateways hear of.
    let limits = AttemptLimiter(burst: 30, interval: .seconds(2))
    let logger: Logger

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let wire: SetDeviceAttributesRequest
        do {
            wire = try SetDeviceAttributesRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "attributes: \(error)")
        }
        guard let node = await callers.node(wire.nodeKey, of: request) else { return MachineCallers.refusal }
        if let delay = limits.take("\(node.id)") {
            ControlGatewayMetrics.limited("attributes")
            return .tooMany(retryAfter: delay.retrySeconds, "too many changes, try again later")
        }
        do {
            _ = try await bus.request(Self.claim(wire, of: request), tailnet: tailnet)
            return .empty
        } catch {
            return failure(error, of: node)
        }
    }

    private static func claim(_ wire: SetDeviceAttributesRequest, of request: MachineRequest) -> ClaimNodeAttributes {
        var claim = ClaimNodeAttributes(
            nodeKey: wire.nodeKey,
            machineKey: request.machineKey,
            set: [],
            removed: []
        )
        for (name, value) in wire.update.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .remove: claim.removed.append(name)
            case .bool(let value): claim.set.append(DeviceAttribute(name: name, value: .bool(value)))
            case .number(let value): claim.set.append(DeviceAttribute(name: name, value: .number(value)))
            case .string(let value): claim.set.append(DeviceAttribute(name: name, value: .string(value)))
            }
        }
        return claim
    }

    private func failure(_ error: BusError, of node: Node) -> MachineResponse {
        if case .refused(let failure) = error {
            switch failure.reason {
            case .invalid: return .text(400, failure.message)
            case .unauthorized: return .text(403, failure.message)
            case .notFound: return MachineCallers.refusal
            case .conflict, .exhausted, .unavailable, .internalError: break
            }
        }
        logger.warning(
            "attributes of a client were not set",
            metadata: [LogKey.node: "\(node.id)", LogKey.error: "\(error)"]
        )
        return .text(503, "attributes cannot be set right now, try again")
    }
}
