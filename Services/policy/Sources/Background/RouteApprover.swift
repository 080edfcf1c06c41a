import Bus
import ControlModel
import Logging
import ServiceKit

/// Has routes written down as approved that the policy approves by itself, so that they stay so when the policy changes.
///
/// Gateways let them through at once; several policy services ask for the same.
struct RouteApprover: Sendable {
    private static let backoff = Backoff(first: .milliseconds(50), cap: .seconds(5), jitter: 0)

    let keeper: PolicyKeeper
    let network: LiveNetwork
    let bus: any Bus
    let tailnet: TailnetID
    let clock: any Clock<Duration>
    let logger: Logger

    /// Looks whenever something may be different, until cancelled.
    func run() async {
        for await _ in network.approvalNews {
            var attempt = 0
            while await !approve() {
                guard (try? await clock.sleep(for: Self.backoff.delay(attempt: attempt))) != nil else { return }
                attempt += 1
            }
        }
    }

    /// - Returns: whether the registry heard of all.
    private func approve() async -> Bool {
        for (node, routes) in await network.missingApprovals(under: keeper.inForce) {
            do {
                _ = try await bus.request(ApproveNodeRoutes(node: node, routes: routes), tailnet: tailnet)
            } catch BusError.refused(let failure) where failure.reason != .unavailable {
                // The node is gone, or has all the routes that it may have.
                logger.info(
                    "routes were not approved",
                    metadata: [LogKey.node: "\(node)", LogKey.reason: "\(failure.message)"]
                )
            } catch {
                logger.warning(
                    "routes are not approved yet",
                    metadata: [LogKey.node: "\(node)", LogKey.error: "\(error)"]
                )
                return false
            }
        }
        return true
    }
}
