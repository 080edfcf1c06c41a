import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage
import Synchronization

extension Registry {
    /// How long a look at presence waits for the bus.
    private static let probeTimeout = Duration.seconds(2)

    func reportPresence(_ report: ReportPresence) async throws -> ReportPresence.Response {
        let presence = PresenceReport(
            gateway: report.gateway,
            sequence: report.sequence,
            connected: report.connected,
            disconnected: report.disconnected,
            isComplete: report.isComplete,
            date: dependencies.now()
        )
        // What clients said when they came is seen before they are seen to be online, not a moment after.
        _ = await statusWriter.flush(write: write)
        var receipt = PresenceReceipt.outdated
        let changes = try await publishing { () async throws(StorageError) in
            receipt = try await store.takePresence(presence, tailnet: tailnet)
            guard case .taken(let changes, _) = receipt else { return [] }
            return changes
        }
        metrics.wentOnline.increment(by: changes.count)
        switch receipt {
        case .taken(_, let wantsComplete): return .init(wantsComplete: wantsComplete)
        // Its gateway has sent a later one already.
        case .outdated: return .init(wantsComplete: false)
        case .tooManyGateways: throw RequestFailure(.exhausted, "too many gateways are known, try again")
        }
    }

    /// Looks at presence and ends what is over of leases and grace periods.
    func watchPresence() async {
        do {
            // While this process cannot be reached over the bus, gateways may be unable to report, too.
            _ = try await dependencies.bus.request(CheckRegistry(), tailnet: tailnet, timeout: Self.probeTimeout)
            let survey = try await store.presence(of: tailnet)
            let now = dependencies.uptime()
            try await end(presence.withLock { $0.look(at: survey, now: now) }, at: now)
        } catch {
            presence.withLock { $0.interrupt() }
            metrics.presenceInterruptions.increment()
            logger.debug("presence was not looked at", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Tells readers where the tailnet stands, so that they see what they missed.
    func tellVersion() async {
        // Where the database does not answer, there is nothing to tell.
        guard let version = try? await store.version(of: tailnet) else { return }
        publisher.tell(version)
    }

    private func end(_ ends: PresenceWatch.Ends, at now: Duration) async throws {
        let date = dependencies.now()
        let seen = { (since: Duration) in date.addingTimeInterval((since - now) / .seconds(1)) }
        for lease in ends.leases {
            logger.notice("the lease of a gateway has ended", metadata: [LogKey.gateway: "\(lease.gateway)"])
            let changes = try await publishing { () async throws(StorageError) in
                try await store.endLease(
                    of: lease.gateway,
                    beat: lease.beat,
                    lastSeen: seen(lease.since),
                    tailnet: tailnet
                )
            }
            metrics.wentOffline.increment(by: changes.count)
        }
        guard !ends.graces.isEmpty else { return }
        let departures = ends.graces.map { Departure(node: $0.node, mark: $0.mark, lastSeen: seen($0.since)) }
        let changes = try await publishing { () async throws(StorageError) in
            try await store.endGrace(departures, tailnet: tailnet)
        }
        metrics.wentOffline.increment(by: changes.count)
    }
}
