/// Name of a login that waits for a person, as it stands in the URL that the person opens.
///
/// - Form: `hskey-authreq-` and 24 hexadecimal digits. It cannot be guessed: who knows it may see what waits.
public struct LoginID: Hashable, Sendable, Codable, CustomStringConvertible {
    public static let prefix = "hskey-authreq-"
    /// Random bytes in one.
    public static let randomLength = 12

    public let rawValue: String

    /// Returns `nil` for any other form.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let digits = bytes.dropFirst(Self.prefix.utf8.count)
        guard bytes.starts(with: Self.prefix.utf8), digits.count == 2 * Self.randomLength,
            digits.allSatisfy(Self.isHexDigit)
        else { return nil }
        rawValue = String(text)
    }

    /// Makes one of random bytes; `nil` unless there are ``randomLength``.
    public init?(random: [UInt8]) {
        guard random.count == Self.randomLength else { return nil }
        rawValue = Self.prefix + random.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The one that a URL ends with, or the text itself.
    public init?(endOf url: String) {
        guard let last = url.split(separator: "/").last else { return nil }
        self.init(last)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a login id")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var description: String { rawValue }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
