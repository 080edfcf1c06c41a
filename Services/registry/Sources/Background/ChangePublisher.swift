import Bus
import ControlModel
import CoreMetrics
import Logging
import ServiceKit
import Synchronization

/// Publishes what this process committed, at once and in the order of the versions; its one publisher.
///
/// Several registries publish beside each other: readers bring their events into order, and see by the versions told in between
/// whether they miss any.
final class ChangePublisher: Sendable {
    /// Changes in one event.
    static let eventLength = 500
    /// How long a commit that does not end holds back changes behind it, at least.
    static let patience = Duration.milliseconds(200)

    private enum Output: Sendable {
        case changes([RegistryChange])
        case version(Version)
    }

    private let order: Mutex<ChangeOrder>
    private let outputs: AsyncStream<Output>
    private let continuation: AsyncStream<Output>.Continuation
    private let bus: any Bus
    private let tailnet: TailnetID
    private let logger: Logger
    private let metrics: RegistryMetrics

    /// - Parameter version: that of the latest change before the first that is published here.
    init(after version: Version, bus: any Bus, tailnet: TailnetID, logger: Logger, metrics: RegistryMetrics) {
        order = Mutex(ChangeOrder(after: version))
        self.bus = bus
        self.tailnet = tailnet
        self.logger = logger
        self.metrics = metrics
        (outputs, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(BusLimits.pendingEvents))
    }

    /// Called before a commit; ``end(_:_:)`` must follow.
    func begin() -> ChangeOrder.Ticket {
        order.withLock { $0.begin() }
    }

    /// Takes what the commit made, nothing where it failed.
    func end(_ ticket: ChangeOrder.Ticket, _ changes: [RegistryChange]) {
        order.withLock { submit($0.end(ticket, changes)) }
    }

    /// Called every ``patience``.
    func tick() {
        order.withLock { submit($0.tick()) }
    }

    /// Tells readers the tailnet's version, after what was published before.
    func tell(_ version: Version) {
        continuation.yield(.version(version))
    }

    /// Lets `run` return once all is published.
    func finish() {
        order.withLock { submit($0.takeAll()) }
        continuation.finish()
    }

    func run() async {
        for await output in outputs {
            switch output {
            case .changes(let changes): await publish(changes)
            case .version(let version): await publish(RegistryChanges(changes: [], version: version))
            }
        }
    }

    /// Called with the lock held, so that what is ready first is published first.
    private func submit(_ changes: [RegistryChange]) {
        guard !changes.isEmpty else { return }
        continuation.yield(.changes(changes))
    }

    private func publish(_ changes: [RegistryChange]) async {
        var rest = changes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.eventLength)
            rest = rest.dropFirst(part.count)
            await publish(RegistryChanges(changes: Array(part)))
        }
    }

    private func publish(_ event: RegistryChanges) async {
        do {
            try await bus.publish(event, tailnet: tailnet)
        } catch {
            // Readers see the gap with the next event and ask.
            metrics.publishFailures.increment()
            logger.warning("changes were not published", metadata: [LogKey.error: "\(error)"])
        }
    }
}
