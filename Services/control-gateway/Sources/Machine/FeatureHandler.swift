import ControlModel
import Foundation
import NIOCore
import TailcfgWire

/// `POST /machine/feature/query`: tells `tailscale serve` and `tailscale funnel` whether the node may do it, and if not what to do.
struct FeatureHandler: Sendable {
    let callers: MachineCallers
    let engine: NetmapEngine

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let query: QueryFeatureRequest
        do {
            query = try QueryFeatureRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "feature query: \(error)")
        }
        guard let node = await callers.node(query.nodeKey, of: request) else { return MachineCallers.refusal }
        guard let needed = Self.needs[query.feature] else {
            return Self.answer(isComplete: false, "This server does not offer \(query.feature).")
        }
        let has = await engine.capabilities(of: node)
        let missing = needed.filter { !has.contains($0) }
        guard !missing.isEmpty else { return Self.answer(isComplete: true, "") }
        return Self.answer(
            isComplete: false,
            "This node lacks \(missing.joined(separator: " and ")). An administrator gives it to the node in the policy, under nodeAttrs."
        )
    }

    /// The attributes without which clients do not begin.
    private static let needs = ["serve": ["https"], "funnel": ["https", "funnel"]]

    /// What a person reads is in `Text`; there is no page that would help.
    private static func answer(isComplete: Bool, _ text: String) -> MachineResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("Complete")
        writer.bool(isComplete)
        if !text.isEmpty {
            writer.key("Text")
            writer.text(text)
        }
        writer.endObject()
        return .json(writer.take())
    }
}
