import ArgumentParser
import Foundation
import Yams

/// The form in which a command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Several lines, for people.
    case json
    /// One line.
    case jsonLine = "json-line"
    case yaml

    /// - Returns: text without a final line break.
    func text(_ value: JSONValue) throws(CommandFailure) -> String {
        switch self {
        case .json:
            return String(decoding: try Self.jsonBytes(value, isPretty: true), as: UTF8.self)
        case .jsonLine:
            return String(decoding: try Self.jsonBytes(value), as: UTF8.self)
        case .yaml:
            let encoder = YAMLEncoder()
            encoder.options.sortKeys = true
            encoder.options.width = -1
            do {
                let text = try encoder.encode(value)
                return text.hasSuffix("\n") ? String(text.dropLast()) : text
            } catch {
                throw CommandFailure("the answer cannot be written as YAML: \(error)")
            }
        }
    }

    static func jsonBytes(_ value: JSONValue, isPretty: Bool = false) throws(CommandFailure) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            return try encoder.encode(value)
        } catch {
            throw CommandFailure("the value cannot be written as JSON: \(error)")
        }
    }
}
