import Bus
import ControlModel
import Logging
import ServiceKit

/// Asks clients whether they are there, wherever they hold their map streams.
///
/// A client that lost its connection without a word may have come back at another gateway, while its former stream seems to be
/// open here: so all gateways that hold one ask.
struct Pinger: Sendable {
    let desk: PingDesk
    let engine: NetmapEngine
    let bus: any Bus
    let tailnet: TailnetID
    let serverURL: String
    /// This gateway, to which others' questions are not its own.
    let gateway: String
    let clock: any Clock<Duration>
    let logger: Logger

    /// Asks a client that holds a map stream here.
    ///
    /// - Parameter isElsewhere: whether it may hold one at another gateway instead.
    func ping(_ node: NodeID, within limit: Duration, isElsewhere: Bool = false) async -> PingDesk.Outcome {
        await desk.ask(within: limit, clock: clock) { token in
            let isHere = await send(token, to: node)
            guard isHere || isElsewhere else { return false }
            do {
                try await bus.publish(PingAsked(gateway: gateway, node: node, token: token), tailnet: tailnet)
            } catch {
                logger.debug("other gateways do not ask", metadata: [LogKey.error: "\(error)"])
            }
            return true
        }
    }

    /// Asks for others; until cancelled.
    func follow() async throws {
        for await event in try await bus.events(PingAsked.self, tailnet: tailnet) where event.gateway != gateway {
            _ = await send(event.token, to: event.node)
        }
    }

    private func send(_ token: String, to node: NodeID) async -> Bool {
        await engine.send(PingDesk.message(serverURL: serverURL, token: token), to: node)
    }
}
