import Bus
import ControlModel
import CoreMetrics
import Logging
import ServiceKit

/// Publishes what was committed, in the order of the versions; the one publisher of this process.
struct ChangePublisher: Sendable {
    /// Changes in one event.
    static let eventLength = 500
    /// How long a missing version holds back those after it, at least.
    static let gapPatience = Duration.milliseconds(200)

    private enum Input: Sendable {
        case changes([RegistryChange])
        case tick
    }

    private let inputs: AsyncStream<Input>
    private let continuation: AsyncStream<Input>.Continuation
    private let bus: any Bus
    private let tailnet: TailnetID
    private let logger: Logger
    private let metrics: RegistryMetrics

    init(bus: any Bus, tailnet: TailnetID, logger: Logger, metrics: RegistryMetrics) {
        self.bus = bus
        self.tailnet = tailnet
        self.logger = logger
        self.metrics = metrics
        (inputs, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(BusLimits.pendingEvents))
    }

    func submit(_ changes: [RegistryChange]) {
        guard !changes.isEmpty else { return }
        continuation.yield(.changes(changes))
    }

    /// Called every ``gapPatience``.
    func tick() {
        continuation.yield(.tick)
    }

    /// Lets `run` return once all is published.
    func finish() {
        continuation.finish()
    }

    func run(after version: Version) async {
        var order = ChangeOrder(after: version)
        var isStuck = false
        for await input in inputs {
            switch input {
            case .changes(let changes):
                let ready = order.accept(changes)
                if !ready.isEmpty { isStuck = false }
                await publish(ready)
            case .tick:
                if isStuck { await publish(order.skipGap()) }
                isStuck = order.hasGap
            }
        }
        while order.hasGap { await publish(order.skipGap()) }
    }

    private func publish(_ changes: [RegistryChange]) async {
        var rest = changes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.eventLength)
            rest = rest.dropFirst(part.count)
            do {
                try await bus.publish(RegistryChanges(changes: Array(part)), tailnet: tailnet)
            } catch {
                // Readers see the gap with the next event and ask.
                metrics.publishFailures.increment()
                logger.warning("changes were not published", metadata: [LogKey.error: "\(error)"])
            }
        }
    }
}
