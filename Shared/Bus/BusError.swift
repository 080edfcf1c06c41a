/// Why a bus call failed.
public enum BusError: Error {
    /// Nobody answers requests of this kind. Retry with back-off.
    case noResponder(subject: String)
    /// No answer in time; whether it was carried out is unknown. Safe to ask again, but for those that make keys.
    case timeout(subject: String)
    /// The bus cannot be reached. Retry with back-off.
    case unavailable(cause: any Error)
    /// The calling task was cancelled.
    case cancelled
    /// The responder said no; repeating the same request does not help unless the case says so.
    case refused(RequestFailure)
    /// A message does not decode: versions of the parts differ too much, or a bug.
    case undecodable(subject: String, cause: any Error)
}

/// A refusal that travels back to the asker.
public struct RequestFailure: Error, Hashable, Sendable, Codable {
    public var reason: Reason
    /// For people: what is wrong and what to do next, lower case, no final period.
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// What the asker may do.
    public enum Reason: String, Hashable, Sendable, Codable {
        /// The request is malformed or breaks a rule.
        case invalid
        case notFound
        /// It clashes with what is there.
        case conflict
        /// The caller is not who it must be.
        case unauthorized
        /// A limit is reached; later it may work.
        case exhausted
        /// Something the responder needs is away; retry with back-off.
        case unavailable
        /// A fault of the responder, logged there.
        case internalError
    }

    /// What an unexpected error becomes; its details stay in the responder's log.
    public static let internalError = RequestFailure(.internalError, "internal error, see the server's log")
}
