import Foundation
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite("Files that are watched", .timeLimit(.minutes(1)))
struct WatchedFileTests {
    private let directory: TemporaryDirectory
    private let file: WatchedFile

    /// What was read, in order; `nil` for nothing.
    private final class Record: Sendable {
        let texts = Mutex<[String?]>([])
        var last: String?? { texts.withLock { $0.last } }
    }

    init() throws {
        directory = try TemporaryDirectory()
        file = WatchedFile(path: directory.path("file"), lengthLimit: 1024)
    }

    private func write(_ text: String, isReplaced: Bool = false) throws {
        try Data(text.utf8).write(to: URL(filePath: file.path), options: isReplaced ? .atomic : [])
    }

    private func following(
        from seen: WatchedFile.Stamp?? = nil,
        _ body: (Record) async throws -> Void
    ) async throws {
        let record = Record()
        try await withThrowingTaskGroup { group in
            group.addTask { [file] in
                await file.follow(from: seen, every: .milliseconds(5), clock: ContinuousClock()) {
                    let text = try? file.text()
                    record.texts.withLock { $0.append(text) }
                }
            }
            try await body(record)
            group.cancelAll()
        }
    }

    @Test("each change is read: in place, by another file, of equal length, gone and back again")
    func changes() async throws {
        try write("one")
        try await following { record in
            try await eventually("it is read at once") { record.last == "one" }
            try write("two")
            try await eventually("a change in place") { record.last == "two" }
            try write("six", isReplaced: true)
            try await eventually("another file") { record.last == "six" }
            try FileManager.default.removeItem(atPath: file.path)
            try await eventually("it is gone") { record.last == .some(nil) }
            try write("six")
            try await eventually("it is back") { record.last == "six" }
        }
    }

    @Test("what was read already is not read again before it changes")
    func seen() async throws {
        try write("one")
        try await following(from: .some(file.stamp)) { record in
            try write("two!")
            try await eventually("the change") { record.last == "two!" }
            #expect(record.texts.withLock { !$0.contains("one") })
        }
    }

    @Test("behind a symbolic link the file that it leads to counts")
    func link() async throws {
        let link = WatchedFile(path: directory.path("link"), lengthLimit: 1024)
        try write("one")
        try Data("other".utf8).write(to: URL(filePath: directory.path("other")))
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: link.path, withDestinationPath: file.path)
        #expect(link.stamp == file.stamp)
        try manager.removeItem(atPath: link.path)
        try manager.createSymbolicLink(atPath: link.path, withDestinationPath: directory.path("other"))
        #expect(link.stamp != file.stamp)
        #expect(try link.text() == "other")
    }

    @Test("a file that is too long, no UTF-8, a folder or absent gives a fault that says so")
    func faults() throws {
        #expect(file.stamp == nil)
        #expect { try file.text() } throws: { "\($0)".contains("cannot be read") }
        try write(String(repeating: "x", count: 1025))
        #expect { try file.text() } throws: { "\($0)" == "it is longer than 1 KiB" }
        try Data([0x22, 0xff]).write(to: URL(filePath: file.path))
        #expect { try file.text() } throws: { "\($0)" == "it is not valid UTF-8" }
        let folder = WatchedFile(path: directory.path("."), lengthLimit: 1024)
        #expect { try folder.text() } throws: { "\($0)".contains("cannot be read") }
    }
}
