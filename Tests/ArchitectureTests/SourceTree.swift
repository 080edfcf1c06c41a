import Foundation

/// The repository as the checks see it.
struct SourceTree {
    struct File {
        /// Relative to the root: `Shared/Keys/KeyBytes.swift`.
        var path: String
        var text: String

        var name: String { String(path.split(separator: "/").last ?? "") }
        var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }
        var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All Swift files below some folders of the root, sorted.
    static func swiftFiles(under folders: String...) throws -> [File] {
        try folders.flatMap { folder -> [File] in
            let start = root.appendingPathComponent(folder)
            guard let found = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) else {
                return []
            }
            return try found.compactMap { $0 as? URL }
                .filter { $0.pathExtension == "swift" && !$0.pathComponents.contains(".build") }
                .map { url in
                    let path = String(url.standardizedFileURL.path.dropFirst(root.standardizedFileURL.path.count + 1))
                    return File(path: path, text: try String(contentsOf: url, encoding: .utf8))
                }
        }.sorted { $0.path < $1.path }
    }

    /// Names of the folders directly below one of the root.
    static func folders(in folder: String) throws -> [String] {
        let start = root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(
            at: start,
            includingPropertiesForKeys: [.isDirectoryKey],
            options: .skipsHiddenFiles
        )
        .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }
        .map(\.lastPathComponent).sorted()
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// The lines of a list file, without comments: the first word of each.
    static func list(_ path: String) throws -> Set<String> {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        let entries = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Set(entries.compactMap { $0.split(separator: " ").first.map(String.init) })
    }
}
