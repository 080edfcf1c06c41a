import Foundation

/// A line of a process's log in JSON.
struct LogLine: Decodable {
    var level: String
    var message: String
    var metadata: [String: String]

    private enum CodingKeys: CodingKey {
        case level, message, metadata
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        level = try container.decode(String.self, forKey: .level)
        message = try container.decode(String.self, forKey: .message)
        metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    }

    /// All lines of a log that are whole; what is no JSON is left out.
    static func all(in log: String) -> [LogLine] {
        log.split(separator: "\n").compactMap { try? JSONDecoder().decode(LogLine.self, from: Data($0.utf8)) }
    }
}
