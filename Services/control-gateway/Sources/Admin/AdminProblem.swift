import Bus
import HTTPTypes

/// A refusal as the admin API's callers see it.
///
/// - Wire: RFC 9457 `{title, status, detail, errors}`.
struct AdminProblem: Error, Hashable, Sendable {
    var status: HTTPResponse.Status
    /// What is wrong and what to do next.
    var detail: String
    /// Fields that are wrong, each with what was expected.
    var fields: [FieldFault] = []

    struct FieldFault: Hashable, Sendable, Encodable {
        var location: String
        var message: String
    }

    init(_ status: HTTPResponse.Status, _ detail: String, fields: [FieldFault] = []) {
        self.status = status
        self.detail = detail
        self.fields = fields
    }

    /// A field or parameter that does not read as it must.
    static func badField(_ location: String, _ message: String) -> AdminProblem {
        AdminProblem(
            .badRequest,
            "\(location): \(message)",
            fields: [FieldFault(location: location, message: message)]
        )
    }

    /// What a failed bus call means to the caller.
    init(_ error: BusError, asking owner: String = "registry") {
        switch error {
        case .refused(let failure):
            self.init(Self.status(of: failure.reason), failure.message)
        case .noResponder, .unavailable:
            self.init(.serviceUnavailable, "the \(owner) cannot be reached; try again in a moment")
        case .timeout:
            self.init(.gatewayTimeout, "the \(owner) did not answer in time; it is safe to try again")
        case .cancelled:
            self.init(.serviceUnavailable, "the server is stopping; try again in a moment")
        case .undecodable:
            self.init(.internalServerError, "the \(owner)'s answer cannot be read, see the server's log")
        }
    }

    private static func status(of reason: RequestFailure.Reason) -> HTTPResponse.Status {
        switch reason {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .conflict: .conflict
        case .unauthorized: .unauthorized
        case .exhausted: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }
}
