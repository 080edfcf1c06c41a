import CNats
import Foundation

/// One connection to one server, from when it is made until it is lost.
///
/// Used by one thread at a time: the queue of ``NATSConnection``.
struct NATSLink: Sendable {
    // The library guards what this points to with locks of its own.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// What the library tells, on threads of its own.
    final class Listener: Sendable {
        let closed: @Sendable () -> Void
        let failed: @Sendable (_ reason: String, _ isSlowReader: Bool) -> Void

        init(closed: @escaping @Sendable () -> Void, failed: @escaping @Sendable (String, Bool) -> Void) {
            self.closed = closed
            self.failed = failed
        }
    }

    /// Messages that the library keeps for a handler: only while its thread does not run, as handlers just pass on.
    private static let pendingMessages: Int32 = 1 << 20
    private static let pendingLength: Int32 = 256 << 20
    /// What headers may take of a message, in bytes.
    private static let headerLength = 1024

    private let handle: Handle
    private var subscriptions: [UInt64: (handle: Handle, isShared: Bool)] = [:]
    /// Longest payload that this server takes as one message.
    let payloadLimit: Int

    /// Connects, within ``NATSBusLimits/connect`` for each server.
    init(_ configuration: NATSBus.Configuration, listener: Listener) throws(NATSBusError) {
        let options = try configuration.makeOptions()
        defer { natsOptions_Destroy(options) }
        // Kept for the library until it says that the connection is closed, which it says once.
        let kept = Unmanaged.passRetained(listener)
        natsOptions_SetClosedCB(options, { _, closure in NATSLink.closed(closure) }, kept.toOpaque())
        natsOptions_SetErrorHandler(options, { NATSLink.failed($0, $2, $3) }, kept.toOpaque())
        var connected: OpaquePointer?
        let status = natsConnection_Connect(&connected, options)
        guard status == NATS_OK, let connected else {
            // Of a connection that never was nothing is told.
            kept.release()
            throw .library(call: "connect", reason: lastLibraryError(status))
        }
        handle = Handle(pointer: connected)
        let limit = Int(natsConnection_GetMaxPayload(connected))
        payloadLimit = max(limit - Self.headerLength, 1024)
    }

    private static func closed(_ closure: UnsafeMutableRawPointer?) {
        guard let closure else { return }
        Unmanaged<Listener>.fromOpaque(closure).takeRetainedValue().closed()
    }

    private static func failed(
        _ connection: OpaquePointer?,
        _ status: natsStatus,
        _ closure: UnsafeMutableRawPointer?
    ) {
        guard let closure else { return }
        let listener = Unmanaged<Listener>.fromOpaque(closure).takeUnretainedValue()
        var words: UnsafePointer<CChar>?
        if let connection { natsConnection_GetLastError(connection, &words) }
        let reason = words.map { String(cString: $0) } ?? ""
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? ""
        listener.failed(reason.isEmpty ? text : reason, status == NATS_SLOW_CONSUMER)
    }

    /// Closes the connection; ``Listener/closed`` follows unless it was lost before.
    func destroy() {
        for subscription in subscriptions.values { natsSubscription_Destroy(subscription.handle.pointer) }
        natsConnection_Destroy(handle.pointer)
    }

    /// Waits until the server has all that was written.
    ///
    /// The library's ping: unlike a message to ourselves it needs no permission.
    func flush() -> Bool {
        natsConnection_FlushTimeout(handle.pointer, NATSBusLimits.connect.milliseconds) == NATS_OK
    }

    func send(_ message: OutgoingMessage) throws(NATSBusError) {
        let status = message.payload.withUnsafeBytes { bytes -> natsStatus in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let length = Int32(bytes.count)
            guard message.headers.isEmpty else { return send(message, start, length) }
            guard let reply = message.reply else {
                return natsConnection_Publish(handle.pointer, message.subject, start, length)
            }
            return natsConnection_PublishRequest(handle.pointer, message.subject, reply, start, length)
        }
        guard status == NATS_OK else { throw .library(call: "publish", reason: lastLibraryError(status)) }
    }

    private func send(_ message: OutgoingMessage, _ start: UnsafePointer<CChar>?, _ length: Int32) -> natsStatus {
        var made: OpaquePointer?
        var status = natsMsg_Create(&made, message.subject, message.reply, start, length)
        defer { natsMsg_Destroy(made) }
        for (name, value) in message.headers where status == NATS_OK {
            status = natsMsgHeader_Set(made, name.rawValue, value)
        }
        return status == NATS_OK ? natsConnection_PublishMsg(handle.pointer, made) : status
    }

    /// Does nothing where it is subscribed already.
    mutating func subscribe(_ id: UInt64, _ interest: NATSInterest) throws(NATSBusError) {
        guard subscriptions[id] == nil else { return }
        // Kept for the library until it calls no more.
        let kept = Unmanaged.passRetained(interest)
        var made: OpaquePointer?
        let status =
            if let queue = interest.queue {
                natsConnection_QueueSubscribe(&made, handle.pointer, interest.subject, queue, deliver, kept.toOpaque())
            } else {
                natsConnection_Subscribe(&made, handle.pointer, interest.subject, deliver, kept.toOpaque())
            }
        guard status == NATS_OK, let subscription = made else {
            kept.release()
            throw .library(call: "subscribe", reason: lastLibraryError(status))
        }
        natsSubscription_SetOnCompleteCB(subscription, release, kept.toOpaque())
        natsSubscription_SetPendingLimits(subscription, Self.pendingMessages, Self.pendingLength)
        subscriptions[id] = (Handle(pointer: subscription), interest.queue != nil)
    }

    /// No message comes after this; requests that the server has given us already come before.
    mutating func unsubscribe(_ id: UInt64) {
        guard let subscription = subscriptions.removeValue(forKey: id) else { return }
        if subscription.isShared {
            let limit = NATSBusLimits.connect.milliseconds
            natsSubscription_DrainTimeout(subscription.handle.pointer, limit)
            natsSubscription_WaitForDrainCompletion(subscription.handle.pointer, limit)
        } else {
            natsSubscription_Unsubscribe(subscription.handle.pointer)
        }
        natsSubscription_Destroy(subscription.handle.pointer)
    }
}

/// Who wants the messages of a subject; it outlives connections.
final class NATSInterest: Sendable {
    let subject: String
    /// Members of a queue group share the messages.
    let queue: String?
    /// Called on a thread of the library, in order; must not wait.
    let handler: @Sendable (IncomingMessage) -> Void

    init(subject: String, queue: String?, handler: @escaping @Sendable (IncomingMessage) -> Void) {
        self.subject = subject
        self.queue = queue
        self.handler = handler
    }
}

private func deliver(
    _ connection: OpaquePointer?,
    _ subscription: OpaquePointer?,
    _ message: OpaquePointer?,
    _ closure: UnsafeMutableRawPointer?
) {
    guard let message, let closure else { return }
    Unmanaged<NATSInterest>.fromOpaque(closure).takeUnretainedValue().handler(IncomingMessage(consuming: message))
}

private func release(_ closure: UnsafeMutableRawPointer?) {
    guard let closure else { return }
    Unmanaged<NATSInterest>.fromOpaque(closure).release()
}
