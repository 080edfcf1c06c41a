import Bus
import ControlModel
import Logging
import NIOCore
import ServiceKit

/// Keeps the DERP map in step with the relays' announcements.
struct RelayFollower {
    /// How often ended leases are looked for.
    private static let checkInterval = Duration.seconds(5)

    private enum Input: Sendable {
        case announced(DERPAnnounced)
        case check
    }

    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let configured: [DERPRegion]
    let logger: Logger

    func run() async throws {
        let events = try await bus.events(DERPAnnounced.self, tailnet: tailnet)
        do {
            try await bus.publish(DERPWanted(), tailnet: tailnet)
        } catch {
            // The relays' next announcements tell the same.
            logger.warning("relays were not asked", metadata: [LogKey.error: "\(error)"])
        }
        let (inputs, sink) = AsyncStream.makeStream(of: Input.self)
        await withTaskGroup { group in
            group.addTask {
                for await event in events { sink.yield(.announced(event)) }
                sink.finish()
            }
            group.addTask {
                while (try? await Task.sleep(for: Self.checkInterval)) != nil { sink.yield(.check) }
            }
            var directory = DERPDirectory(configured: configured)
            engine.set(derpMap: directory.map)
            for await input in inputs {
                let changed =
                    switch input {
                    case .announced(let event): directory.receive(event, now: .now())
                    case .check: directory.expire(now: .now())
                    }
                if changed { engine.set(derpMap: directory.map) }
            }
            group.cancelAll()
        }
    }
}
