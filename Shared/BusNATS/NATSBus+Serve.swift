public import Bus
public import ControlModel
import Foundation
import Logging
import ServiceKit
import Synchronization

/// The side of the responder.
extension NATSBus {
    public func serve<Request: BusRequest>(
        _ type: Request.Type,
        tailnet: TailnetID,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) async throws(BusError) {
        let mailbox = Mailbox(
            countLimit: NATSBusLimits.waitingRequests,
            lengthLimit: NATSBusLimits.outboxLength,
            atLimit: .refuseNewest
        )
        guard let reader = readers.withLock({ $0.add(requests: mailbox) }) else {
            throw .unavailable(cause: NATSBusError.closed)
        }
        defer { readers.withLock { $0.remove(reader) } }
        let subject = subject(Request.subject, tailnet)
        let interest = connection.subscribe(
            NATSInterest(subject: subject, queue: subject) { [weak self] in self?.receive(request: $0, mailbox) }
        )
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            while let message = await mailbox.next() {
                if running == BusLimits.concurrentRequests {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.answer(message, handler: handler) }
            }
            await self.stopServing(interest, mailbox)
            await group.waitForAll()
        }
    }

    /// Lets the server give requests to others, and gives back those that were not begun.
    private func stopServing(_ interest: UInt64, _ mailbox: Mailbox) async {
        connection.unsubscribe(interest)
        _ = await connection.fence()
        mailbox.close()
        for message in mailbox.takeAll() { turnAway(message) }
    }

    /// Takes a request from the library's thread.
    private func receive(request message: IncomingMessage, _ mailbox: Mailbox) {
        guard let text = message.length else { return accept(message, in: mailbox) }
        guard let reply = message.reply else { return }
        guard let length = Int(text), (1...NATSBusLimits.messageLength).contains(length) else {
            return refuse(message, .tooLong, counted: .refused)
        }
        let upload = Uploads.Upload(
            reply: reply,
            timeout: message.timeout,
            origin: message.origin,
            mailbox: mailbox,
            end: message.arrival + NATSBusLimits.incompleteAge
        )
        openInbox()
        guard let id = uploads.withLock({ $0.begin(upload, now: message.arrival) }) else { return turnAway(message) }
        var proceed = OutgoingMessage(subject: reply, reply: inbox + Self.uploadMark + String(id))
        proceed.headers = [(.status, ReplyStatus.proceed.rawValue)]
        self.reply(proceed)
    }

    /// Lets a whole request wait for its turn.
    func accept(_ message: IncomingMessage, in mailbox: Mailbox) {
        if mailbox.put(message) > 0 { turnAway(message) }
    }

    private func answer<Request: BusRequest>(
        _ message: IncomingMessage,
        handler: @Sendable (Request) async throws -> Request.Response
    ) async {
        if let timeout = message.timeout, message.arrival.duration(to: .now) > timeout {
            return metrics.served(.expired)
        }
        let request: Request
        do {
            request = try JSONDecoder().decode(Request.self, from: message.payload)
        } catch {
            logger.warning("request does not decode", metadata: .about(Request.subject, error))
            return refuse(message, .undecodable, counted: .undecodable)
        }
        do {
            let response = try await RequestOrigin.$current.withValue(message.origin) { try await handler(request) }
            guard let subject = message.reply else { return }
            reply(OutgoingMessage(subject: subject, payload: try encode(response, subject: Request.subject)))
            metrics.served(.answered)
        } catch let failure as RequestFailure {
            refuse(message, failure, counted: .refused)
        } catch BusError.refused(let failure) where failure == .tooLong {
            logger.error("answer is too long", metadata: [LogKey.subject: "\(Request.subject)"])
            refuse(message, .internalError, counted: .refused)
        } catch {
            refuse(message, Task.isCancelled ? .stopping : .internalError, counted: .refused)
        }
    }

    private func refuse(
        _ message: IncomingMessage,
        _ failure: RequestFailure,
        counted result: NATSBusMetrics.ServiceResult
    ) {
        metrics.served(result)
        guard let subject = message.reply, let payload = try? JSONEncoder().encode(failure) else { return }
        reply(OutgoingMessage(subject: subject, headers: [(.status, ReplyStatus.refused.rawValue)], payload: payload))
    }

    private func turnAway(_ message: IncomingMessage) {
        guard let subject = message.reply else { return }
        metrics.served(.turnedAway)
        reply(OutgoingMessage(subject: subject, headers: [(.status, ReplyStatus.again.rawValue)]))
    }

    /// Sends an answer; one that cannot go ends at the asker, with a time-out.
    private func reply(_ message: OutgoingMessage) {
        do {
            try connection.send(message)
        } catch {
            logger.debug("answer cannot be sent", metadata: [LogKey.error: "\(error)"])
        }
    }
}

extension RequestFailure {
    static let tooLong = RequestFailure(
        .invalid,
        "the message is longer than \(NATSBusLimits.messageLength >> 20) MiB, send less at once"
    )
    /// Answered for a handler that ended because its service stops.
    fileprivate static let stopping = RequestFailure(.unavailable, "the responder is stopping, try again")
    fileprivate static let undecodable = RequestFailure(
        .invalid,
        "the request does not decode, are all services of one release?"
    )
}
