import ControlModel
import Foundation
import Testing

@Suite("fields that earlier releases do not have")
struct WhenAbsentTests {
    private struct Message: Codable, Hashable {
        enum Kind: String, Codable, AbsentValue {
            case plain, special
            static let value = Kind.plain
        }

        var name: String
        @WhenAbsent<No> var isShared: Bool
        @WhenAbsent<Empty<[String]>> var tags: [String]
        @WhenAbsent<Zero<Int>> var count: Int
        @WhenAbsent<Kind> var kind: Kind
    }

    @Test("a missing field is the default")
    func absent() throws {
        let message = try decode(#"{"name":"a"}"#)
        #expect(message == Message(name: "a", isShared: false, tags: [], count: 0, kind: .plain))
    }

    @Test("a field that is there counts, and is written as the plain value")
    func present() throws {
        let text = #"{"count":3,"isShared":true,"kind":"special","name":"a","tags":["b"]}"#
        let message = try decode(text)
        #expect(message == Message(name: "a", isShared: true, tags: ["b"], count: 3, kind: .special))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(message), as: UTF8.self) == text)
    }

    @Test("a field that is there and wrong, and a missing one without a default, are refused")
    func faults() {
        #expect(throws: DecodingError.self) { try decode(#"{"name":"a","count":"many"}"#) }
        #expect(throws: DecodingError.self) { try decode(#"{"name":"a","kind":"odd"}"#) }
        #expect(throws: DecodingError.self) { try decode(#"{"count":1}"#) }
    }

    private func decode(_ text: String) throws -> Message {
        try JSONDecoder().decode(Message.self, from: Data(text.utf8))
    }
}
