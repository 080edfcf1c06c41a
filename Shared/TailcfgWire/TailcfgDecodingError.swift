/// Why a message of the control protocol was refused.
///
/// The sender gets HTTP 400 (413 for ``tooLarge(length:limit:)``); the description is for the log and names no value.
public enum TailcfgDecodingError: Error, Hashable {
    /// The message is longer than allowed, in bytes.
    case tooLarge(length: Int, limit: Int)
    /// Not JSON, or nested too deep.
    case malformed
    /// A field has the wrong type or form.
    ///
    /// - Parameters:
    ///   - key: Path of the field as Go spells it, e.g. `Auth.AuthKey`; empty for the message itself.
    ///   - expected: What would have been right, e.g. `a whole number`.
    case invalid(key: String, expected: String)
}

extension TailcfgDecodingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let length, let limit): "message of \(length) bytes, at most \(limit) allowed"
        case .malformed: "not valid JSON"
        case .invalid("", let expected): "expected \(expected)"
        case .invalid(let key, let expected): "\(key): expected \(expected)"
        }
    }
}
