import Foundation
import PolicyLanguage

/// A policy file on disk.
struct PolicyFile: Sendable {
    let path: String

    /// What tells one state of the file from another.
    struct Stamp: Hashable, Sendable {
        var modified: Date?
        var size: Int64?
        var identity: Int64?
    }

    /// `nil` where the file cannot be looked at.
    var stamp: Stamp? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else { return nil }
        return Stamp(
            modified: attributes[.modificationDate] as? Date,
            size: (attributes[.size] as? NSNumber)?.int64Value,
            identity: (attributes[.systemFileNumber] as? NSNumber)?.int64Value
        )
    }

    /// Behind symbolic links, as mounted configuration has them.
    private var resolved: String { URL(filePath: path).resolvingSymlinksInPath().path }

    func text() throws(Fault) -> String {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            bytes = try handle.read(upToCount: HuJSON.lengthLimit + 1) ?? Data()
            try handle.close()
        } catch {
            throw Fault(message: "it cannot be read: \((error as NSError).localizedDescription)")
        }
        guard bytes.count <= HuJSON.lengthLimit else {
            throw Fault(message: "it is longer than \(HuJSON.lengthLimit >> 20) MiB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(message: "it is not valid UTF-8") }
        // While an editor writes, the file is empty for a moment, and an empty document allows everything.
        guard !text.allSatisfy(\.isWhitespace) else {
            throw Fault(message: "it is empty; a policy without rules is written {}")
        }
        return text
    }

    /// Why a file gives no text.
    struct Fault: Error, CustomStringConvertible {
        var message: String

        var description: String { message }
    }
}
