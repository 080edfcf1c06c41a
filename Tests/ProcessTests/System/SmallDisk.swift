import Foundation
import Synchronization
import TestKit

/// A file system of a few megabytes that processes of a test may fill; gone with its last reference.
///
/// It is mounted in a mount namespace of its own, which a waiting process keeps: nothing is seen of it elsewhere. That takes
/// root, or a system that lets everybody have user namespaces.
final class SmallDisk: Sendable {
    /// Neither kind of namespace can be had here; why.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    private static let pageLength = 4096

    private let directory: TemporaryDirectory
    private let holder: Mutex<Process>
    /// What a command that is to see the disk begins with.
    let launcher: [String]
    /// Its folder, for processes of ``launcher``.
    let path: String
    /// The same folder for this process.
    private let outside: String

    init(megabytes: Int) throws {
        directory = try TemporaryDirectory()
        path = directory.path("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var reasons: [String] = []
        for (unshare, enter) in [(["-m"], ["-m"]), (["-r", "-m"], ["-U", "--preserve-credentials", "-m"])] {
            switch try Self.hold(unshare, at: path, megabytes: megabytes) {
            case .success(let process):
                let id = process.processIdentifier
                try Watcher.watch(id)
                holder = Mutex(process)
                launcher = ["/usr/bin/nsenter", "-t", "\(id)"] + enter + ["--"]
                outside = "/proc/\(id)/root" + path
                return
            case .failure(let reason): reasons.append(reason.description)
            }
        }
        throw Unavailable(description: reasons.joined(separator: "; "))
    }

    deinit {
        holder.withLock { $0.terminate() }
    }

    /// Starts a process that makes a namespace with the disk in it, and waits until it has.
    private static func hold(
        _ options: [String],
        at path: String,
        megabytes: Int
    ) throws -> Result<Process, Unavailable> {
        let script = "mount -t tmpfs -o size=\(megabytes)m,mode=700 tmpfs \"$0\" && echo mounted && exec sleep 86400"
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = options + ["sh", "-c", script, path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard text != "mounted\n" else { return .success(process) }
        process.terminate()
        return .failure(Unavailable(description: text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Where this process finds a file of the disk.
    func file(_ name: String) -> String { outside + "/" + name }

    /// Takes all the room that is left.
    func fill() throws {
        let file = file("filler")
        if !FileManager.default.fileExists(atPath: file) { try Data().write(to: URL(fileURLWithPath: file)) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        defer { try? handle.close() }
        try handle.seekToEnd()
        let page = Data(count: Self.pageLength)
        while (try? handle.write(contentsOf: page)) != nil {}
    }

    /// Gives the room back.
    func makeRoom() throws {
        try FileManager.default.removeItem(atPath: file("filler"))
    }
}
