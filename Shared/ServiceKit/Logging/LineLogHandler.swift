import Foundation
import Logging

/// Writes log events as lines.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let output: LogOutput

    init(label: String, level: Logger.Level, format: LogFormat, output: LogOutput) {
        self.label = label
        logLevel = level
        self.format = format
        self.output = output
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error, fields[LogKey.error] == nil { fields[LogKey.error] = "\(error)" }
        let time = output.now().formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted)
                .time(includingFractionalSeconds: true)
        )
        let message = event.message.description
        switch format {
        case .text: output.write(text(time, event.level, message, fields))
        case .json: output.write(json(time, event.level, message, fields))
        }
    }

    private func text(_ time: String, _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> String {
        var line = "\(time) \(level) \(label): \(Self.plain(message))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(Self.word(key))=\(Self.word(value.description))"
        }
        return line + "\n"
    }

    private func json(_ time: String, _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> String {
        let head = [("time", time), ("level", level.rawValue), ("label", label), ("message", message)]
            .map { "\"\($0.0)\":\(JSONText.quoted($0.1))" }.joined(separator: ",")
        return "{\(head),\"metadata\":\(Self.object(fields))}\n"
    }

    private static func object(_ fields: Logger.Metadata) -> String {
        let members = fields.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(value($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func value(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONText.quoted(text)
        case .stringConvertible(let text): JSONText.quoted(text.description)
        case .array(let values): "[\(values.map(Self.value).joined(separator: ","))]"
        case .dictionary(let fields): object(fields)
        }
    }

    /// A value that would not read as one word is quoted.
    private static func word(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "=" }
        return isPlain && !text.isEmpty ? text : JSONText.quoted(text)
    }

    /// A message stays one line whatever is in it.
    private static func plain(_ text: String) -> String {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? text : JSONText.quoted(text)
    }
}
