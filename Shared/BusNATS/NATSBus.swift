public import Bus
import CNats
public import ControlModel
import CoreMetrics
import Foundation
public import Logging
import Synchronization

/// The bus over NATS.
///
/// It connects in the background, for ever: a server that is away is no error. Events are then refused at once, requests wait for
/// the connection as for a responder.
public final class NATSBus: Bus {
    let connection: NATSConnection
    let metrics: NATSBusMetrics
    let logger: Logger
    /// Subjects of answers begin with it; it ends in a dot.
    let inbox: String
    let isInboxOpen = Mutex(false)
    let conversations = Mutex(Conversations())
    let parts = Mutex(PartAssembly())
    let uploads = Mutex(Uploads())
    let readers = Mutex(Readers())

    /// Begins to connect.
    ///
    /// Throws ``NATSBusError/invalidConfiguration(reason:)``, and nothing else.
    public init(_ configuration: Configuration, logger: Logger) throws(NATSBusError) {
        natsOptions_Destroy(try configuration.makeOptions())
        let sender = String(UInt64.random(in: .min ... .max), radix: 36)
        let name = String(configuration.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        inbox = "_INBOX.\(name.isEmpty ? "swiftscale" : name).\(sender)."
        metrics = NATSBusMetrics()
        metrics.isConnected.set(0)
        self.logger = logger
        connection = NATSConnection(configuration, senderID: sender, logger: logger, metrics: metrics)
        connection.start()
    }

    /// Whether there is a connection now.
    public var isConnected: Bool { connection.phase == .connected }

    public func publish<Event: BusEvent>(_ event: Event, tailnet: TailnetID) async throws(BusError) {
        var message = OutgoingMessage(subject: subject(Event.subject, tailnet), isEvent: true)
        message.payload = try encode(event, subject: Event.subject)
        try send(message)
        metrics.published.increment()
    }

    public func events<Event: BusEvent>(
        _ type: Event.Type,
        tailnet: TailnetID
    ) async throws(BusError) -> AsyncStream<Event> {
        let mailbox = Mailbox(
            countLimit: BusLimits.pendingEvents,
            lengthLimit: NATSBusLimits.pendingEventsLength,
            atLimit: .loseOldest
        )
        let subscription = try EventSubscription(subject(Event.subject, tailnet), mailbox: mailbox, bus: self)
        try await fence()
        return AsyncStream {
            while let message = await subscription.next() {
                self.metrics.received.increment()
                do {
                    return try JSONDecoder().decode(type, from: message.payload)
                } catch {
                    self.metrics.lostUndecodable.increment()
                    self.logger.warning("event does not decode", metadata: .about(Event.subject, error))
                }
            }
            return nil
        }
    }

    /// Ends all streams and refuses new work, lets requests being handled be answered, then leaves the server.
    ///
    /// Requests asked here that are still open fail. Waits ``NATSBusLimits/drain`` at most.
    public func close() async {
        for mailbox in readers.withLock({ $0.close() }) { mailbox.close() }
        let end = ContinuousClock.now + NATSBusLimits.drain
        while ContinuousClock.now < end, readers.withLock({ $0.areServing }) {
            await connection.pause(.milliseconds(5))
        }
        _ = await connection.fence()
        for waiter in conversations.withLock({ $0.close() }) { waiter.resume(returning: .closed) }
        await connection.close()
    }

    func subject(_ subject: String, _ tailnet: TailnetID) -> String {
        "swiftscale.\(tailnet).\(subject)"
    }

    func encode(_ value: some Encodable, subject: String) throws(BusError) -> Data {
        let payload: Data
        do {
            payload = try JSONEncoder().encode(value)
        } catch {
            throw .undecodable(subject: subject, cause: error)
        }
        guard payload.count <= NATSBusLimits.messageLength else { throw .refused(.tooLong) }
        return payload
    }

    func send(_ message: OutgoingMessage) throws(BusError) {
        do {
            try connection.send(message)
        } catch {
            throw .unavailable(cause: error)
        }
    }
}
