public import Foundation

/// Something about a device that somebody else than its client knows, for posture conditions of policies.
///
/// - Source: Tailscale's custom posture attributes.
public struct DeviceAttribute: Hashable, Sendable, Codable {
    /// With its namespace, `custom:` and 1 to 43 letters, digits and underscores.
    public var name: String
    public var value: Value
    /// When the device does not have it any more; `nil`: it stays.
    public var expiry: Date?
    /// Why it was set, for people; empty where nobody said.
    public var comment: String

    public init(name: String, value: Value, expiry: Date? = nil, comment: String = "") {
        self.name = name
        self.value = value
        self.expiry = expiry
        self.comment = comment
    }

    /// The namespace of all that are set from outside.
    public static let namespace = "custom:"
    /// Longest name, in bytes, the namespace with it; longest text of a value.
    public static let textLimit = 50
    /// Longest comment, in characters.
    public static let commentLimit = 200
    /// Most attributes of a device.
    public static let countLimit = 64
    /// Farthest number from 0 that stays exact in JSON.
    public static let numberLimit = 9_007_199_254_740_991.0

    /// A bare JSON value.
    public enum Value: Hashable, Sendable {
        case string(String)
        case number(Double)
        case bool(Bool)
    }

    public func isOver(at now: Date) -> Bool {
        guard let expiry else { return false }
        return expiry <= now
    }

    /// What is wrong with it, in words for whoever sent it; `nil`: nothing.
    public var fault: String? {
        if let fault = Self.nameFault(name) { return fault }
        if comment.count > Self.commentLimit { return "a comment has at most \(Self.commentLimit) characters" }
        switch value {
        case .bool: return nil
        case .number(let number):
            return number.magnitude <= Self.numberLimit ? nil : "a number is at most 2^53-1 and at least -(2^53-1)"
        case .string(let text):
            let isValid = (1...Self.textLimit).contains(text.utf8.count) && text.utf8.allSatisfy(Self.isAllowedInText)
            return isValid
                ? nil : "a text has 1 to \(Self.textLimit) letters, digits, underscores, dots and dashes"
        }
    }

    /// What is wrong with a name; `nil`: nothing.
    public static func nameFault(_ name: String) -> String? {
        let rest = name.utf8.dropFirst(namespace.utf8.count)
        guard name.hasPrefix(namespace), !rest.isEmpty, name.utf8.count <= textLimit, rest.allSatisfy(isAllowedInName)
        else {
            return "the name of an attribute is \(namespace) and letters, digits and underscores, "
                + "at most \(textLimit) characters in all"
        }
        return nil
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        default: false
        }
    }

    private static func isAllowedInText(_ byte: UInt8) -> Bool {
        isAllowedInName(byte) || byte == 0x2E || byte == 0x2D
    }
}

extension DeviceAttribute.Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        }
    }
}

extension DeviceAttribute.Value: CustomStringConvertible {
    /// As conditions of policies write it.
    public var description: String {
        switch self {
        case .string(let value): "'\(value)'"
        case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .bool(let value): "\(value)"
        }
    }
}

extension Node {
    /// Sets or removes an attribute; those of a node stay sorted by name.
    ///
    /// - Parameter attribute: `nil` removes it.
    public mutating func setAttribute(_ name: String, to attribute: DeviceAttribute?) {
        attributes.removeAll { $0.name == name }
        guard let attribute else { return }
        attributes.append(attribute)
        attributes.sort { $0.name < $1.name }
    }

    /// When the next of its attributes ends; `nil`: none does.
    public var nextAttributeEnd: Date? { attributes.compactMap(\.expiry).min() }
}
