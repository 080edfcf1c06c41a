import Bus
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Synchronization

/// What comes to the subjects of answers: answers, and parts of requests.
extension NATSBus {
    /// Beginning of the last word of subjects for parts of requests.
    static let uploadMark = "u"
    /// Who reads answers, for the parts; no subscription has this number.
    private static let answerReader: UInt64 = 0

    /// Takes a message from the library's thread.
    func receive(answer message: IncomingMessage) {
        guard let message = assemble(message, reader: Self.answerReader) else { return }
        if message.token.hasPrefix(Self.uploadMark) {
            guard let id = UInt64(message.token.dropFirst(Self.uploadMark.count)) else { return }
            receive(upload: message, id)
        } else if let id = Conversations.ID(message.token) {
            conversations.withLock { $0.settle(id, .message(message)) }?.resume(returning: .message(message))
        }
    }

    /// The message itself, or the whole one whose last part it is; `nil` when parts are still to come, or lost.
    func assemble(_ message: IncomingMessage, reader: UInt64) -> IncomingMessage? {
        guard let text = message.part else { return message }
        guard let part = MessagePart(text) else {
            metrics.lostIncomplete.increment()
            return nil
        }
        switch parts.withLock({ $0.add(part, message.payload, reader: reader, now: message.arrival) }) {
        case .incomplete: return nil
        case .broken:
            // Once for a message, not for each of its parts.
            if part.index + 1 == part.count { metrics.lostIncomplete.increment() }
            return nil
        case .whole(let payload):
            var message = message
            message.payload = payload
            return message
        }
    }

    private func receive(upload message: IncomingMessage, _ id: UInt64) {
        guard let upload = uploads.withLock({ $0.finish(id) }) else { return }
        var message = message
        message.reply = upload.reply
        message.timeout = upload.timeout
        message.origin = upload.origin
        accept(message, in: upload.mailbox)
    }

    /// Lets answers in; a bus that never asks does not need the permission for that.
    func openInbox() {
        let mustOpen = isInboxOpen.withLock { isOpen in
            defer { isOpen = true }
            return !isOpen
        }
        guard mustOpen else { return }
        let answers = NATSInterest(subject: inbox + "*", queue: nil) { [weak self] in self?.receive(answer: $0) }
        _ = connection.subscribe(answers)
    }

    /// Returns when the server has all that was sent and subscribed before; waits for a connection as long as it takes.
    func fence() async throws(BusError) {
        while true {
            if Task.isCancelled { throw .cancelled }
            if connection.phase == .closed { throw .unavailable(cause: NATSBusError.closed) }
            if await connection.fence() { return }
            if (try? await Task.sleep(for: .milliseconds(50))) == nil { throw .cancelled }
        }
    }
}

extension Logger.Metadata {
    static func about(_ subject: String, _ error: any Error) -> Self {
        [LogKey.subject: "\(subject)", LogKey.error: "\(error)"]
    }
}
