/// A row's identity: `1...2^53-1`, the range a JSON number keeps exactly.
///
/// - Source: `tailcfg.NodeID`, `tailcfg.UserID`.
public struct Identifier<Entity>: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let rawValue: Int64

    /// Returns `nil` outside `1...2^53-1`.
    public init?(_ rawValue: Int64) {
        guard (1...9_007_199_254_740_991).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Parses decimal digits.
    public init?(_ text: some StringProtocol) {
        guard let value = Int64(text) else { return nil }
        self.init(value)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(Int64.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "identifier out of range")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var description: String { String(rawValue) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

public typealias UserID = Identifier<User>
public typealias NodeID = Identifier<Node>
public typealias AuthKeyID = Identifier<AuthKey>
public typealias APIKeyID = Identifier<APIKey>

/// Identity of a tailnet; part of every table key and bus subject.
public struct TailnetID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    /// Returns `nil` unless it is 1 to 63 of `a-z`, `0-9` and `-`: it stands in bus subjects.
    public init?(_ rawValue: String) {
        let allowed = rawValue.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard allowed, (1...63).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    private init(checked rawValue: String) {
        self.rawValue = rawValue
    }

    /// The tailnet of a deployment that never asked for more than one.
    public static let `default` = TailnetID(checked: "default")

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a tailnet id")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var description: String { rawValue }
}

/// A tailnet's version: grows by one with each committed change.
public typealias Version = Int64

/// A protocol revision of the official clients.
///
/// - Source: `tailcfg.CapabilityVersion`.
public struct CapabilityVersion: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let rawValue: Int

    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Client 1.80; older ones are refused.
    public static let minimum = CapabilityVersion(113)

    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    public var description: String { String(rawValue) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
