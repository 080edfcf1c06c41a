import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Kills a process when the test process is gone, however it went.
enum Watcher {
    static func watch(_ process: Int32) throws {
        let watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = "while kill -0 $1 && kill -0 $2; do sleep 1; done; kill -0 $1 || kill -9 $2"
        watcher.arguments = ["-c", script, "sh", "\(getpid())", "\(process)"]
        watcher.standardInput = FileHandle.nullDevice
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try watcher.run()
    }
}
