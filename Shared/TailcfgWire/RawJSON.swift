import ControlModel
import Foundation
import NIOCore

/// JSON text that goes into a message as it is: the value of a capability.
public struct RawJSON: Hashable, Sendable {
    public let text: String

    /// Returns `nil` unless `text` is one JSON value.
    public init?(_ text: String) {
        guard (try? JSONDecoder().decode(AnyJSON.self, from: Data(text.utf8))) != nil else { return nil }
        self.text = text
    }

    /// Takes a text that is known to be one JSON value: something wrote it that writes nothing else.
    public init(unchecked text: String) {
        self.text = text
    }

    public static func bool(_ value: Bool) -> RawJSON { RawJSON(unchecked: value ? "true" : "false") }

    public static func integer(_ value: Int) -> RawJSON { RawJSON(unchecked: String(value)) }

    public static func string(_ value: String) -> RawJSON {
        var writer = JSONWriter()
        writer.string(value)
        return RawJSON(unchecked: String(buffer: writer.buffer))
    }
}
