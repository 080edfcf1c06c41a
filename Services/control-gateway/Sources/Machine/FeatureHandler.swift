import ControlModel
import Foundation
import NIOCore
import TailcfgWire

/// `POST /machine/feature/query`: tells `tailscale serve` and `tailscale funnel` what to do instead.
struct FeatureHandler: Sendable {
    let callers: MachineCallers

    func handle(_ request: MachineRequest) async -> MachineResponse {
        let query: QueryFeatureRequest
        do {
            query = try QueryFeatureRequest.decode(request.body)
        } catch {
            ControlGatewayMetrics.requestsRefused("undecodable")
            return .text(400, "feature query: \(error)")
        }
        guard await callers.node(query.nodeKey, of: request) != nil else { return MachineCallers.refusal }
        return Self.answer(Self.advice[query.feature] ?? "This server does not offer \(query.feature).")
    }

    /// No attribute of a node would help: there are no certificates for nodes, and nothing lets the internet in.
    private static let advice = [
        "serve":
            "This server gives nodes no certificates, which HTTPS needs. Serve HTTP or TCP: --http=80, --tcp=PORT.",
        "funnel": "This server has no Funnel: nothing of a node can be reached from the internet through it.",
    ]

    /// What a person reads is in `Text`; there is no page that would help.
    private static func answer(_ text: String) -> MachineResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("Complete")
        writer.bool(false)
        writer.key("Text")
        writer.text(text)
        writer.endObject()
        return .json(writer.take())
    }
}
