import Foundation
import TestKit

/// A wall clock of processes that a test can set, through Debian's libfaketime; time that never goes back stays as it is.
struct SteppedClock {
    /// There is no libfaketime (Debian: faketime).
    struct Missing: Error {}

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try step("+0")
    }

    /// Sets the clock ahead of the machine's, or behind it, by seconds.
    func step(_ seconds: String) throws {
        try "\(seconds)\n".write(toFile: directory.path("offset"), atomically: true, encoding: .utf8)
    }

    /// What a process is started with; the names are as they are.
    var environment: [String: String] {
        get throws {
            guard let library = Self.library else { throw Missing() }
            return [
                "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": directory.path("offset"), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            ]
        }
    }

    private static var library: String? {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        let paths = folders.map { $0 + "/faketime/libfaketime.so.1" }
        return paths.first { FileManager.default.fileExists(atPath: $0) }
    }
}
