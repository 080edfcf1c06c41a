/// A field that messages of earlier releases do not have, with what it is then.
///
/// The decoding that the compiler writes refuses a missing key, even of a property with a default; this makes it take the default,
/// so that a service understands those that were not upgraded yet. Its JSON form is that of the value alone.
///
/// ```swift
/// @WhenAbsent<No> public var isShared: Bool
/// ```
@propertyWrapper
public struct WhenAbsent<Default: AbsentValue> {
    public var wrappedValue: Default.Value

    public init(wrappedValue: Default.Value) {
        self.wrappedValue = wrappedValue
    }
}

/// What a field is when a message does not have it.
public protocol AbsentValue {
    associatedtype Value
    static var value: Value { get }
}

/// For ``WhenAbsent``: a flag that is off.
public enum No: AbsentValue {
    public static let value = false
}

/// For ``WhenAbsent``: a flag that is on.
public enum Yes: AbsentValue {
    public static let value = true
}

/// For ``WhenAbsent``: a list, set, map or text without anything in it.
public enum Empty<Value: RangeReplaceableCollection>: AbsentValue {
    public static var value: Value { Value() }
}

/// For ``WhenAbsent``: a number that is 0.
public enum Zero<Value: Numeric>: AbsentValue {
    public static var value: Value { .zero }
}

extension WhenAbsent: Sendable where Default.Value: Sendable {}
extension WhenAbsent: Equatable where Default.Value: Equatable {}
extension WhenAbsent: Hashable where Default.Value: Hashable {}

extension WhenAbsent: Decodable where Default.Value: Decodable {
    public init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(Default.Value.self)
    }
}

extension WhenAbsent: Encodable where Default.Value: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's decoding calls for a wrapped property, instead of the general one.
    public func decode<Default: AbsentValue>(
        _ type: WhenAbsent<Default>.Type,
        forKey key: Key
    ) throws -> WhenAbsent<Default> where Default.Value: Decodable {
        try decodeIfPresent(type, forKey: key) ?? WhenAbsent(wrappedValue: Default.value)
    }
}
