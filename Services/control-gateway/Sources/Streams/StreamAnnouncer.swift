import Bus
import ControlModel
import Logging
import ServiceKit
import Synchronization

/// Tells the other gateways which map streams opened here.
///
/// What opens while an event is on its way goes with the next one; what could not be sent is told later, as it is then.
final class StreamAnnouncer: Sendable {
    /// After an event that could not be sent.
    static let retryInterval = Duration.seconds(1)

    /// By node, so that it is never more than there are nodes.
    private let untold = Mutex<[NodeID: Int64]>([:])
    private let signal: AsyncStream<Void>
    private let trigger: AsyncStream<Void>.Continuation
    private let bus: any Bus
    private let tailnet: TailnetID
    private let gateway: String
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// - Parameter clock: for waiting only.
    init(bus: any Bus, tailnet: TailnetID, gateway: String, clock: any Clock<Duration>, logger: Logger) {
        (signal, trigger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.bus = bus
        self.tailnet = tailnet
        self.gateway = gateway
        self.clock = clock
        self.logger = logger
    }

    func opened(_ node: NodeID, number: Int64) {
        untold.withLock { $0[node] = number }
        trigger.yield()
    }

    func closed(_ node: NodeID) {
        untold.withLock { $0[node] = nil }
    }

    /// Tells until cancelled.
    func run() async {
        for await _ in signal {
            while let streams = take() {
                do {
                    try await bus.publish(StreamsOpened(gateway: gateway, streams: streams), tailnet: tailnet)
                } catch {
                    logger.debug("other gateways do not know of new streams", metadata: [LogKey.error: "\(error)"])
                    putBack(streams)
                    guard (try? await clock.sleep(for: Self.retryInterval)) != nil else { return }
                }
            }
        }
    }

    private func take() -> [OpenedStream]? {
        untold.withLock { untold in
            guard !untold.isEmpty else { return nil }
            let streams = untold.prefix(StreamsOpened.limit).map { OpenedStream(node: $0.key, order: $0.value) }
            for stream in streams { untold[stream.node] = nil }
            return streams
        }
    }

    private func putBack(_ streams: [OpenedStream]) {
        untold.withLock { untold in
            for stream in streams where untold[stream.node] == nil { untold[stream.node] = stream.order }
        }
    }
}
