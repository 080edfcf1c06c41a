import Bus
import ControlModel
import Foundation
import Keys

/// Finds out which node a request inside a Noise connection is from.
struct MachineCallers: Sendable {
    static let refusal = MachineResponse.text(404, "this node is not registered: log in first")

    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine

    /// The node with this key, if it is one of the machine that asks.
    ///
    /// Nodes that registered through another gateway a moment ago may not be in the copy yet: the registry is asked.
    func node(_ key: NodePublicKey, of request: MachineRequest) async -> Node? {
        guard let node = await find(key, of: request.machineKey) else {
            ControlGatewayMetrics.requestsRefused("unknown_node")
            return nil
        }
        return node
    }

    private func find(_ key: NodePublicKey, of machineKey: MachinePublicKey) async -> Node? {
        if let node = await engine.node(withKey: key) { return node.machineKey == machineKey ? node : nil }
        guard !key.isZero, let answer = try? await bus.request(LookupNode(nodeKey: key), tailnet: tailnet),
            let node = answer.node, node.machineKey == machineKey
        else { return nil }
        await engine.apply(ahead: node, askingOn: bus, tailnet: tailnet)
        return node
    }
}
