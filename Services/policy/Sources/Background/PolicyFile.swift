import PolicyLanguage
import ServiceKit

/// A policy file on disk.
struct PolicyFile: Sendable {
    typealias Fault = WatchedFile.Fault

    let file: WatchedFile
    var path: String { file.path }

    init(path: String) {
        file = WatchedFile(path: path, lengthLimit: HuJSON.lengthLimit)
    }

    func text() throws(Fault) -> String {
        let text = try file.text()
        // While an editor writes, the file is empty for a moment, and an empty document allows everything.
        guard !text.allSatisfy(\.isWhitespace) else {
            throw Fault(message: "it is empty; a policy without rules is written {}")
        }
        return text
    }
}
