import Bus
import CNats
import Foundation

/// Header fields by which two ends of this adapter understand each other; the payload is the bus message, as JSON.
enum NATSHeader: String, Sendable {
    /// Of a request that is too long for one message: its length. The responder names a subject for its parts.
    case length = "Swiftscale-Length"
    /// Of a request: its `RequestOrigin`; absent if none.
    case origin = "Swiftscale-Origin"
    /// Of a part: ``MessagePart`` as text.
    case part = "Swiftscale-Part"
    /// Of an answer that is not the response: ``ReplyStatus``.
    case status = "Swiftscale-Status"
    /// Of a request: how long its asker waits, in milliseconds.
    case timeout = "Swiftscale-Timeout"
}

/// What an answer says that is not the response.
enum ReplyStatus: String, Sendable {
    /// The request was not begun: ask again, another responder may take it.
    case again
    /// Send the parts to the subject given for replies.
    case proceed
    /// The payload is a `RequestFailure`.
    case refused
}

struct OutgoingMessage: Sendable {
    var subject: String
    var reply: String?
    var headers: [(NATSHeader, String)] = []
    var payload = Data()
    /// Whether it may go as several messages; not to a queue group, whose members would each get some.
    var mayBeCut = true
    /// Whether losing it counts as losing an event.
    var isEvent = false

    /// What it takes in the outbox, in bytes.
    var cost: Int { payload.count + 512 }
}

struct IncomingMessage: Sendable {
    var reply: String?
    var payload: Data
    /// The end of the subject, after the last dot.
    let token: String
    /// The server's word that nobody listens.
    let isNoResponders: Bool
    let status: String?
    let part: String?
    let length: String?
    var timeout: Duration?
    var origin: RequestOrigin?
    let arrival: ContinuousClock.Instant

    /// Copies the message out, then frees it.
    init(consuming message: OpaquePointer) {
        defer { natsMsg_Destroy(message) }
        let subject = natsMsg_GetSubject(message).map { String(cString: $0) } ?? ""
        token = subject.split(separator: ".").last.map(String.init) ?? ""
        reply = natsMsg_GetReply(message).map { String(cString: $0) }
        let length = Int(natsMsg_GetDataLength(message))
        if length > 0, let bytes = natsMsg_GetData(message) {
            payload = Data(bytes: bytes, count: length)
        } else {
            payload = Data()
        }
        isNoResponders = natsMsg_IsNoResponders(message)
        status = Self.header(.status, of: message)
        part = Self.header(.part, of: message)
        self.length = Self.header(.length, of: message)
        timeout = Self.header(.timeout, of: message).flatMap { Int64($0) }.map { .milliseconds($0) }
        origin = Self.header(.origin, of: message).flatMap(RequestOrigin.init(header:))
        arrival = .now
    }

    private static func header(_ name: NATSHeader, of message: OpaquePointer) -> String? {
        var value: UnsafePointer<CChar>?
        guard natsMsgHeader_Get(message, name.rawValue, &value) == NATS_OK else { return nil }
        return value.map { String(cString: $0) }
    }
}

extension RequestOrigin {
    /// What a header field holds: base64 of JSON, so that no text can end the field.
    var header: String? {
        (try? JSONEncoder().encode(self))?.base64EncodedString()
    }

    /// `nil` for what this adapter never writes.
    init?(header: String) {
        guard let data = Data(base64Encoded: header),
            let origin = try? JSONDecoder().decode(RequestOrigin.self, from: data)
        else { return nil }
        self.init(actor: origin.actor, source: origin.source)
    }
}
