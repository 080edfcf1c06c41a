import Bus
import ControlModel
import Logging
import ServiceKit

/// Asks routers that share routes whether they answer, and tells the registry when that is different from what it knows.
///
/// Each gateway asks those that hold a map stream there.
struct RouterProber: Sendable {
    let pinger: Pinger
    let probing: RouterProbing?
    let logger: Logger

    private var engine: NetmapEngine { pinger.engine }

    /// Asks every interval, until cancelled.
    func run() async {
        guard let probing else { return }
        var rounds = ProbeRounds()
        while (try? await pinger.clock.sleep(for: probing.interval)) != nil {
            let due = rounds.begin(await engine.heldRouters())
            let outcomes = await ask(due, within: probing.timeout)
            guard !Task.isCancelled else { return }
            await tell(rounds.end(outcomes, await engine.heldRouters()))
        }
    }

    private func ask(_ nodes: [NodeID], within timeout: Duration) async -> [NodeID: PingDesk.Outcome] {
        await withTaskGroup(of: (NodeID, PingDesk.Outcome).self) { group in
            for node in nodes {
                group.addTask { (node, await pinger.ping(node, within: timeout)) }
            }
            var outcomes: [NodeID: PingDesk.Outcome] = [:]
            for await (node, outcome) in group {
                outcomes[node] = outcome
                ControlGatewayMetrics.routerProbed(outcome)
            }
            return outcomes
        }
    }

    private func tell(_ verdict: ProbeRounds.Verdict) async {
        guard !verdict.isEmpty else { return }
        for node in verdict.unhealthy {
            logger.notice("a router does not answer", metadata: [LogKey.node: "\(node)"])
        }
        for node in verdict.healthy { logger.notice("a router answers again", metadata: [LogKey.node: "\(node)"]) }
        do {
            let report = ReportRouterHealth(healthy: verdict.healthy, unhealthy: verdict.unhealthy)
            _ = try await pinger.bus.request(report, tailnet: pinger.tailnet)
        } catch {
            // The next round finds the same difference.
            logger.warning("routers' health was not taken", metadata: [LogKey.error: "\(error)"])
        }
    }
}
