import Foundation

/// What the program finds where it is started.
struct Surroundings: Sendable {
    var environment: [String: String]
    var homeDirectory: String
    var workingDirectory: String
    var isRoot: Bool

    /// Those of this process.
    static func current() -> Surroundings {
        Surroundings(
            environment: ProcessInfo.processInfo.environment,
            homeDirectory: NSHomeDirectory(),
            workingDirectory: FileManager.default.currentDirectoryPath,
            isRoot: geteuid() == 0
        )
    }

    /// `path` made absolute: `~` is the home directory, anything else relative lies below `directory`.
    func absolute(_ path: String, below directory: String) -> String {
        if path == "~" { return homeDirectory }
        if path.hasPrefix("~/") { return homeDirectory + path.dropFirst(1) }
        if path.hasPrefix("/") { return path }
        return URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
            .standardizedFileURL.path
    }
}
