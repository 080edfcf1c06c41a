import ControlModel
import Foundation
import Keys
import NIOCore

/// What is decoded from the fields of an object.
protocol FieldDecodable {
    init(_ fields: RequestFields) throws
}

/// The fields of an object, read as Go reads them: any case, missing and `null` mean the zero value.
///
/// Of two equal keys the first counts. Unknown keys are never looked at.
struct RequestFields {
    private let container: KeyedDecodingContainer<WireKey>

    init(_ decoder: any Decoder) throws {
        do {
            container = try decoder.container(keyedBy: WireKey.self)
        } catch DecodingError.typeMismatch, DecodingError.valueNotFound {
            throw TailcfgDecodingError.invalid(key: pathText(decoder.codingPath), expected: "an object")
        }
    }

    /// The field's value, or `nil` when it is missing or `null`.
    func value<T: Decodable>(_ key: WireKey, _ type: T.Type, expected: String) throws -> T? {
        do {
            return try container.decodeIfPresent(type, forKey: key)
        } catch let error as TailcfgDecodingError {
            throw error
        } catch {
            throw fault(key, expected: expected)
        }
    }

    /// The field's value, or `nil` when it is missing, `null` or anything else.
    func lenient<T: Decodable>(_ key: WireKey, _ type: T.Type) -> T? {
        try? container.decodeIfPresent(type, forKey: key)
    }

    /// The elements of a list that are what they should be, among the first `limit`.
    func lenientList<T: Decodable>(_ key: WireKey, of type: T.Type, limit: Int) -> [T] {
        lenientSlots(key, of: type, limit: limit).compactMap(\.self)
    }

    /// The first `limit` elements of a list, `nil` for those that are not what they should be.
    func lenientSlots<T: Decodable>(_ key: WireKey, of type: T.Type, limit: Int) -> [T?] {
        guard var list = try? container.nestedUnkeyedContainer(forKey: key) else { return [] }
        var slots: [T?] = []
        while !list.isAtEnd, slots.count < limit {
            guard let slot = try? list.decode(Lenient<T>.self) else { break }
            slots.append(slot.value)
        }
        return slots
    }

    func fault(_ key: WireKey, expected: String) -> TailcfgDecodingError {
        .invalid(key: pathText(container.codingPath + [key]), expected: expected)
    }
}

extension RequestFields {
    func bool(_ key: WireKey) throws -> Bool {
        try value(key, Bool.self, expected: "true or false") ?? false
    }

    func integer(_ key: WireKey) throws -> Int {
        try value(key, Int.self, expected: "a whole number") ?? 0
    }

    func version(_ key: WireKey) throws -> CapabilityVersion {
        CapabilityVersion(try integer(key))
    }

    func text(_ key: WireKey, limit: Int = WireLimit.textLength) throws -> String {
        let text = try value(key, String.self, expected: "a string") ?? ""
        guard text.utf8.count <= limit else { throw fault(key, expected: "at most \(limit) bytes") }
        return text
    }

    /// The zero key when there is none.
    func key<Kind>(_ key: WireKey, _ type: PublicKey<Kind>.Type) throws -> PublicKey<Kind> {
        try value(key, type, expected: "\(Kind.prefix) and 64 hexadecimal digits") ?? .zero
    }

    /// `nil` for the zero time.
    func time(_ key: WireKey) throws -> Date? {
        guard let text = try value(key, String.self, expected: "an RFC 3339 time") else { return nil }
        guard let time = WireTime.parse(text) else { throw fault(key, expected: "an RFC 3339 time") }
        return time == WireTime.zero ? nil : time
    }

    /// Empty for none.
    func base64(_ key: WireKey) throws -> Data {
        guard let text = try value(key, String.self, expected: "base64") else { return Data() }
        guard let bytes = Data(base64Encoded: text) else { throw fault(key, expected: "base64") }
        return bytes
    }

    func object<T: FieldDecodable>(_ key: WireKey, _ type: T.Type) throws -> T? {
        try value(key, Fields<T>.self, expected: "an object")?.value
    }
}

/// Decodes one request, within ``WireLimit/requestLength``.
func decodeRequest<T: FieldDecodable>(_ type: T.Type, _ bytes: ByteBuffer) throws(TailcfgDecodingError) -> T {
    guard bytes.readableBytes <= WireLimit.requestLength else {
        throw .tooLarge(length: bytes.readableBytes, limit: WireLimit.requestLength)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in WireKey(stringValue: path.last?.stringValue ?? "") }
    do {
        return try decoder.decode(Fields<T>.self, from: Data(bytes.readableBytesView)).value
    } catch let error as TailcfgDecodingError {
        throw error
    } catch {
        throw .malformed
    }
}

/// Lends `Decodable` to a type that is made from fields.
struct Fields<T: FieldDecodable>: Decodable {
    let value: T

    init(from decoder: any Decoder) throws {
        value = try T(RequestFields(decoder))
    }
}

/// An element that may be anything: `nil` unless it is a `T`.
private struct Lenient<T: Decodable>: Decodable {
    let value: T?

    init(from decoder: any Decoder) {
        value = try? decoder.singleValueContainer().decode(T.self)
    }
}

private func pathText(_ path: [any CodingKey]) -> String {
    path.map { ($0 as? WireKey)?.name ?? $0.stringValue }.joined(separator: ".")
}
