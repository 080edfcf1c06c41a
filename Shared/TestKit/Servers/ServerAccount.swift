import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// As whom PostgreSQL's programs run: it refuses root, so there another account is taken.
struct ServerAccount: Sendable {
    private let programs: String
    /// `nil`: as whoever runs the tests.
    private let account: (user: uid_t, group: gid_t)?

    static func find() throws -> ServerAccount {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.max().map { "\(root)/\($0)/bin" }
        guard let programs = newest, FileManager.default.isExecutableFile(atPath: programs + "/initdb") else {
            throw PostgresServer.Failure(log: "there is no PostgreSQL in \(root) (Debian: postgresql)")
        }
        guard getuid() == 0 else { return ServerAccount(programs: programs, account: nil) }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return ServerAccount(programs: programs, account: (entry.pointee.pw_uid, entry.pointee.pw_gid))
            }
        }
        throw PostgresServer.Failure(log: "PostgreSQL refuses root, and there is neither a user postgres nor nobody")
    }

    /// A directory of the account; short, as socket paths must be.
    func makeDirectory() throws -> String {
        let path = "/tmp/swiftscale-postgres-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try giveAway(path)
        return path
    }

    func write(_ text: String, to path: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        guard chmod(path, 0o600) == 0 else { throw PostgresServer.Failure(log: "chmod \(path)") }
        try giveAway(path)
        return path
    }

    private func giveAway(_ path: String) throws {
        guard let account else { return }
        guard chown(path, account.user, account.group) == 0 else { throw PostgresServer.Failure(log: "chown \(path)") }
    }

    /// One of PostgreSQL's programs, not started yet; `setpriv` becomes it and keeps its process id.
    func process(_ program: String, _ arguments: [String], in directory: String) throws -> Process {
        let process = Process()
        let path = "\(programs)/\(program)"
        if let account {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            let identity = ["--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups", "--"]
            process.arguments = identity + [path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        return process
    }

    /// Runs a program to its end and returns what it wrote to standard output.
    @discardableResult
    func run(_ program: String, _ arguments: [String], in directory: String) async throws -> String {
        let output = "\(directory)/\(program)-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: output))
        try Data().write(to: URL(fileURLWithPath: output + ".err"))
        defer {
            try? FileManager.default.removeItem(atPath: output)
            try? FileManager.default.removeItem(atPath: output + ".err")
        }
        let process = try process(program, arguments, in: directory)
        let written = FileHandle(forWritingAtPath: output)
        let failed = FileHandle(forWritingAtPath: output + ".err")
        // Kept by the process object beyond its end: a test that asks often would run out of descriptors.
        defer { for file in [written, failed] { try? file?.close() } }
        process.standardOutput = written
        process.standardError = failed
        try process.run()
        try await eventually("\(program) ends", within: .seconds(60)) { !process.isRunning }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard process.terminationStatus == 0 else {
            throw PostgresServer.Failure(log: text + (try String(contentsOfFile: output + ".err", encoding: .utf8)))
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// A port of loopback that nobody has at this moment.
func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw PostgresServer.Failure(log: "socket: \(errno)") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
    }
    guard bound else { throw PostgresServer.Failure(log: "bind: \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Processes that a process started and that are still there.
func children(of parent: Int32) -> [Int32] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { Int32($0) }.filter { process in
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return false }
        // After the name in parentheses: state, parent.
        let fields = status[status.index(after: end)...].split(separator: " ")
        return fields.count > 1 && fields[1] == "\(parent)"
    }
}
