import Bus
import ControlModel
import Logging
import NIOCore
import ServiceKit

/// Keeps the DERP map in step with the relays' announcements.
struct RelayFollower {
    /// How often ended leases are looked for.
    private static let checkInterval = Duration.seconds(5)
    /// How long the first relay is waited for.
    static let patience = Duration.seconds(1)

    private enum Input: Sendable {
        case announced(DERPAnnounced)
        case check
        case patienceEnds
    }

    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let configured: [DERPRegion]
    let logger: Logger

    /// - Parameter ready: called once: when there is a relay, or when there was none for ``patience``. A client that is told of
    ///   none takes the one it is connected to for gone.
    func run(_ ready: @Sendable () -> Void) async throws {
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
                if (try? await Task.sleep(for: Self.patience)) != nil { sink.yield(.patienceEnds) }
            }
            group.addTask {
                while (try? await Task.sleep(for: Self.checkInterval)) != nil { sink.yield(.check) }
            }
            var directory = DERPDirectory(configured: configured)
            var isReady = false
            func set(orElse isOver: Bool = false) {
                let map = directory.map
                engine.set(relays: map)
                guard !isReady, isOver || !map.regions.isEmpty else { return }
                isReady = true
                ready()
            }
            set()
            for await input in inputs {
                switch input {
                case .announced(let event): if directory.receive(event, now: .now()) { set() }
                case .check: if directory.expire(now: .now()) { set() }
                case .patienceEnds: set(orElse: true)
                }
            }
            group.cancelAll()
        }
    }
}
