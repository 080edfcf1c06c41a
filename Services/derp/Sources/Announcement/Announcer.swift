import Bus
import ControlModel
import Logging
import ServiceKit
import ServiceLifecycle

/// Tells gateways that the relay is there, for as long as it is.
struct Announcer: Sendable {
    let region: DERPRegion
    let bus: any Bus
    let tailnet: TailnetID
    /// How long the relay goes on after it said that it leaves.
    let leavingTime: Duration
    let clock: any Clock<Duration>
    let logger: Logger

    /// Announces until graceful shutdown, then says that the relay leaves, and waits for that to get around.
    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await announceRegularly() }
                group.addTask { await announceWhenWanted() }
            }
        }
        await announce(isLeaving: true)
        if leavingTime > .zero { try? await clock.sleep(for: leavingTime) }
    }

    private func announceRegularly() async {
        while !Task.isCancelled {
            await announce()
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: DERPAnnounced.interval)
        }
    }

    private func announceWhenWanted() async {
        while !Task.isCancelled {
            do {
                for await _ in try await bus.events(DERPWanted.self, tailnet: tailnet) { await announce() }
            } catch {
                logger.warning("cannot hear gateways", metadata: [LogKey.error: "\(error)"])
            }
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: DERPAnnounced.interval)
        }
    }

    private func announce(isLeaving: Bool = false) async {
        do {
            try await bus.publish(DERPAnnounced(region: region, isLeaving: isLeaving), tailnet: tailnet)
        } catch {
            logger.warning("cannot announce the relay", metadata: [LogKey.error: "\(error)"])
        }
    }
}
