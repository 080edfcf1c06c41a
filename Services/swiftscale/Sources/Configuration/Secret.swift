import Foundation

/// A secret as it was configured: the text itself, or the file that holds it.
///
/// A file is read where the secret is used, so that commands which need no secret do not need to be able to read it.
enum Secret: Hashable, Sendable, CustomStringConvertible {
    /// Longest file read, in bytes.
    static let fileLimit = 4096

    case text(String)
    case file(path: String)

    /// Never the secret.
    var description: String {
        switch self {
        case .text: "(secret)"
        case .file(let path): "(secret in \(path))"
        }
    }

    /// The secret; of a file, without the line end after it.
    func read() throws(CommandFailure) -> String {
        switch self {
        case .text(let text):
            return text
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandFailure(
                    "the secret in \(path) cannot be read: check that the file exists and who may read it"
                )
            }
            guard data.count <= Self.fileLimit, let text = String(data: data, encoding: .utf8) else {
                throw CommandFailure("\(path) holds no secret: expected text of at most \(Self.fileLimit) bytes")
            }
            let secret = text.trimmingCharacters(in: .newlines)
            guard !secret.isEmpty else { throw CommandFailure("\(path) is empty: write the secret into it") }
            return secret
        }
    }
}

extension SettingsReader {
    /// A secret that may stand under one key, or in the file that another names, not both.
    mutating func secret(_ key: ConfigurationKey, orIn file: ConfigurationKey, paths: SettingsPaths) -> Secret? {
        switch (text(key), text(file)) {
        case (nil, nil):
            return nil
        case (let text?, nil):
            return .text(text)
        case (nil, let path?):
            return .file(path: paths.resolve(path, for: file))
        case (.some, .some):
            refuse(file, value: nil, expecting: "nothing: \(key.name) is given too; keep one of them")
            return nil
        }
    }
}
