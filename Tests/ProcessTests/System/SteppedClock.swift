import Foundation
import TestKit

/// A wall clock of processes that a test can set; time that never goes back stays as it is.
///
/// It is the library of `Tests/SteppedClock`, which was built beside the program.
struct SteppedClock {
    /// The library is not there.
    struct Missing: Error {
        let path: String
    }

    private let directory: TemporaryDirectory
    private let library: String

    init() throws {
        directory = try TemporaryDirectory()
        library = try Program.url().deletingLastPathComponent().appending(path: "libSteppedClock.so").path
        guard FileManager.default.fileExists(atPath: library) else { throw Missing(path: library) }
        try Data(count: 8).write(to: URL(fileURLWithPath: directory.path("offset")))
    }

    /// Sets the clock ahead of the machine's, or behind it.
    func step(seconds: Int64) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.path("offset")))
        // In place: the processes have mapped the file.
        try file.write(contentsOf: withUnsafeBytes(of: seconds) { Data($0) })
        try file.close()
    }

    /// What a process is started with; the names are as they are.
    var environment: [String: String] { ["LD_PRELOAD": library, "STEPPED_CLOCK": directory.path("offset")] }
}
