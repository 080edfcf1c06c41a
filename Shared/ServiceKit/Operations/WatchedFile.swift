public import Foundation

/// A text file that somebody writes over or replaces while it is in use.
public struct WatchedFile: Hashable, Sendable {
    public let path: String
    /// Longer files give no text; in bytes.
    public let lengthLimit: Int

    public init(path: String, lengthLimit: Int) {
        self.path = path
        self.lengthLimit = lengthLimit
    }

    /// What tells one state of the file from another.
    public struct Stamp: Hashable, Sendable {
        public var modified: Date?
        public var size: Int64?
        public var identity: Int64?
    }

    /// Why a file gives no text.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        public var message: String

        public init(message: String) {
            self.message = message
        }

        public var description: String { message }
    }

    /// The present state; `nil` where the file cannot be looked at.
    public var stamp: Stamp? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else { return nil }
        return Stamp(
            modified: attributes[.modificationDate] as? Date,
            size: (attributes[.size] as? NSNumber)?.int64Value,
            identity: (attributes[.systemFileNumber] as? NSNumber)?.int64Value
        )
    }

    /// Behind symbolic links, as mounted configuration has them.
    private var resolved: String { URL(filePath: path).resolvingSymlinksInPath().path }

    public func text() throws(Fault) -> String {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            bytes = try handle.read(upToCount: lengthLimit + 1) ?? Data()
            try handle.close()
        } catch {
            throw Fault(message: "it cannot be read: \((error as NSError).localizedDescription)")
        }
        guard bytes.count <= lengthLimit else { throw Fault(message: "it is longer than \(Self.size(lengthLimit))") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(message: "it is not valid UTF-8") }
        return text
    }

    /// Calls `read` whenever the file looks different from the time before, until cancelled.
    ///
    /// The file is looked at before it is read, so that a change in between is seen the next time.
    /// - Parameters:
    ///   - seen: its state when it was read before; `nil` within: it could not be looked at. Without it the file is read at once.
    ///   - clock: for waiting only.
    public func follow(
        from seen: Stamp?? = nil,
        every interval: Duration,
        clock: any Clock<Duration>,
        _ read: () async -> Void
    ) async {
        var seen = seen
        repeat {
            let stamp = stamp
            if seen != .some(stamp) { await read() }
            seen = .some(stamp)
        } while (try? await clock.sleep(for: interval)) != nil
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }
}
