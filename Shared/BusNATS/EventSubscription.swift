import Bus
import CoreMetrics
import Synchronization

/// A subject's messages for one stream, until its last reference goes.
final class EventSubscription: Sendable {
    private let bus: NATSBus
    private let mailbox: Mailbox
    private let reader: UInt64
    private let interest: UInt64

    init(_ subject: String, mailbox: Mailbox, bus: NATSBus) throws(BusError) {
        guard let reader = bus.readers.withLock({ $0.add(events: mailbox) }) else {
            throw .unavailable(cause: NATSBusError.closed)
        }
        self.bus = bus
        self.mailbox = mailbox
        self.reader = reader
        let metrics = bus.metrics
        interest = bus.connection.subscribe(
            NATSInterest(subject: subject, queue: nil) { [weak bus] message in
                guard let message = bus?.assemble(message, reader: reader) else { return }
                let lost = mailbox.put(message)
                if lost > 0 { metrics.lostSlowReader.increment(by: lost) }
            }
        )
    }

    deinit {
        bus.connection.unsubscribe(interest)
        bus.readers.withLock { $0.remove(reader) }
        bus.parts.withLock { $0.remove(reader: reader) }
    }

    func next() async -> IncomingMessage? {
        await mailbox.next()
    }
}
