import Foundation
import NIOCore

/// A short text in a file that its owner alone may read.
struct SecretFile {
    /// Such a file is not longer than this, in bytes.
    private static let limit = 4096

    let path: String

    /// The text without white space around it; `nil` where there is no file.
    func read() throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw IOError(errnoCode: code, reason: "open")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let bytes = try file.read(upToCount: Self.limit) ?? Data()
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Makes the file with mode 0600; `false` where there is one already, which stays as it is.
    ///
    /// It is complete when it appears, and on disk when this returns.
    func create(_ text: String) throws -> Bool {
        let draft = try writeDraft(text)
        defer { unlink(draft) }
        guard link(draft, path) == 0 else {
            let code = errno
            if code == EEXIST { return false }
            throw IOError(errnoCode: code, reason: "link")
        }
        try syncDirectory()
        return true
    }

    /// Writes the file with mode 0600, in place of one that is there: readers see the old text or the new one.
    func replace(_ text: String) throws {
        let draft = try writeDraft(text)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw IOError(errnoCode: code, reason: "rename")
        }
        try syncDirectory()
    }

    /// Moves the file into the place of another one.
    func move(to other: SecretFile) throws {
        guard rename(path, other.path) == 0 else { throw IOError(errnoCode: errno, reason: "rename") }
        try other.syncDirectory()
    }

    func remove() {
        unlink(path)
    }

    private func writeDraft(_ text: String) throws -> String {
        let draft = "\(path).\(UUID().uuidString)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open") }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: Data((text + "\n").utf8))
            try file.synchronize()
        } catch {
            unlink(draft)
            throw error
        }
        return draft
    }

    private func syncDirectory() throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw IOError(errnoCode: errno, reason: "fsync") }
    }
}
