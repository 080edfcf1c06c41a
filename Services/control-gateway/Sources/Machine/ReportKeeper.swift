import Bus
import ControlModel
import Logging
import ServiceKit

/// Makes reports again that were taken and do not show in the copy: the registry that took them ended before it wrote them.
struct ReportKeeper: Sendable {
    private static let interval = Duration.seconds(1)

    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let ledger: ReportLedger
    let presence: PresenceReporter
    let logger: Logger

    /// Looks after them until cancelled.
    func run() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { await reportAgain(now: .now) }
    }

    func reportAgain(now: ReportLedger.Instant) async {
        let due = ledger.due(now: now)
        guard !due.isEmpty else { return }
        let rows = await engine.nodes(due)
        for id in due {
            guard let report = ledger.again(id, row: rows[id], isHere: presence.holds(id), now: now) else { continue }
            do {
                _ = try await bus.request(ReportNodeStatus(node: id, status: report), tailnet: tailnet)
                logger.debug("report made again", metadata: [LogKey.node: "\(id)"])
            } catch {
                // They are due again later; a registry that is away for one is away for all.
                logger.debug("report not taken", metadata: [LogKey.node: "\(id)", LogKey.error: "\(error)"])
                return
            }
        }
    }
}
