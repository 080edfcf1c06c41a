import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A private PostgreSQL server on loopback and a Unix socket, ended with its last reference or with the test process.
///
/// Missing: tests fail. Nothing is synced to disk, which loses nothing while the machine stays up, kill -9 of the server included.
public final class PostgresServer: Sendable {
    /// It did not come up, or a command failed; what was written is in here.
    public struct Failure: Error {
        public let log: String
    }

    /// Owner of the databases, no superuser; passwords are asked for on loopback only.
    public static let user = "swiftscale"
    public static let password = "loopback-only"
    public let host = "127.0.0.1"
    public let port: Int
    /// Where the Unix socket is.
    public let directory: String

    private struct State {
        var process: Process?
        var starts = 0
        var databases = 0
    }

    private let account: ServerAccount
    private let settings: [String: String]
    // Kept for its process; it ends by itself.
    private let watcher: Process
    private let state = Mutex(State())

    /// The server that tests share that only need a database.
    public static func shared() async throws -> PostgresServer { try await SharedPostgresServer.instance.server() }

    /// - Parameters:
    ///   - settings: on top of those that all tests have.
    ///   - certificate: PEM texts, for TLS.
    public init(_ settings: [String: String] = [:], certificate: (chain: String, key: String)? = nil) async throws {
        account = try ServerAccount.find()
        directory = try account.makeDirectory()
        port = try freePort()
        var settings = settings
        if let certificate {
            settings["ssl"] = "on"
            settings["ssl_cert_file"] = try account.write(certificate.chain, to: directory + "/server.crt")
            settings["ssl_key_file"] = try account.write(certificate.key, to: directory + "/server.key")
        }
        self.settings = settings
        watcher = try Self.watch(directory)
        let password = try account.write(Self.password, to: directory + "/password")
        try await account.run(
            "initdb",
            [
                "-D", directory + "/data", "-U", "postgres", "--pwfile", password, "--auth-local=trust",
                "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ],
            in: directory
        )
        try await start()
        try await sql("CREATE ROLE \(Self.user) LOGIN PASSWORD '\(Self.password)'")
    }

    deinit {
        if let process = state.withLock({ $0.process }) { signal(SIGKILL, to: process) }
        // The watcher does the rest, when nothing writes to the directory any more.
        try? Data().write(to: URL(fileURLWithPath: directory + "/ended"))
    }

    /// Makes an empty database and returns its name.
    public func makeDatabase() async throws -> String {
        let number = state.withLock { state in
            state.databases += 1
            return state.databases
        }
        try await sql("CREATE DATABASE test\(number) OWNER \(Self.user)")
        return "test\(number)"
    }

    /// Runs SQL as superuser and returns what it prints, values divided by `|`.
    @discardableResult
    public func sql(_ text: String, database: String = "postgres") async throws -> String {
        let arguments = [
            "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-p", "\(port)", "-U", "postgres",
            "-d", database, "-c", text,
        ]
        return try await account.run("psql", arguments, in: directory)
    }

    /// Starts it, on the port and the data of before.
    public func start() async throws {
        let log = directory + "/log-\(state.withLock { $0.starts })"
        try Data().write(to: URL(fileURLWithPath: log))
        do {
            try await eventually("PostgreSQL is ready") {
                // What an earlier one left behind may keep it from starting for a moment.
                if state.withLock({ $0.process?.isRunning }) != true { try launch(log: log) }
                return isReady
            }
        } catch {
            throw Failure(log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "\(error)")
        }
    }

    private func launch(log: String) throws {
        var all = [
            "listen_addresses": host, "port": "\(port)", "unix_socket_directories": directory, "fsync": "off",
            "full_page_writes": "off", "max_connections": "300", "shared_buffers": "64MB",
        ]
        all.merge(settings) { $1 }
        let arguments =
            ["-D", directory + "/data"] + all.sorted { $0 < $1 }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let process = try account.process("postgres", arguments, in: directory)
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        state.withLock { state in
            state.process = process
            state.starts += 1
        }
    }

    /// The server says so in its own file: first line the process id, eighth line its state.
    private var isReady: Bool {
        guard let process = state.withLock({ $0.process }),
            let text = try? String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8)
        else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count > 7 && lines[0] == "\(process.processIdentifier)" && lines[7].hasPrefix("ready")
    }

    /// Shuts it down in good order: connections end, nothing new is let in.
    public func stop() async throws {
        guard let process = takeProcess() else { return }
        kill(process.processIdentifier, SIGINT)
        try await eventually("PostgreSQL stops") { !process.isRunning }
    }

    /// Kills the server and all its processes at once.
    public func crash() async throws {
        guard let process = takeProcess() else { return }
        signal(SIGKILL, to: process)
        try await eventually("PostgreSQL is gone") { !process.isRunning }
    }

    /// Keeps all its processes still, connections open, until ``thaw()``: what a network that drops everything looks like.
    public func freeze() {
        if let process = state.withLock({ $0.process }) { signal(SIGSTOP, to: process) }
    }

    public func thaw() {
        if let process = state.withLock({ $0.process }) { signal(SIGCONT, to: process) }
    }

    private func takeProcess() -> Process? {
        state.withLock { state in
            defer { state.process = nil }
            return state.process
        }
    }

    private func signal(_ number: Int32, to process: Process) {
        let server = process.processIdentifier
        // The server first, so that it makes no new ones.
        kill(server, number == SIGKILL ? SIGSTOP : number)
        for child in children(of: server) { kill(child, number) }
        kill(server, number)
    }

    /// A process that ends the server and removes its directory when the test is done or its process gone, however it went.
    private static func watch(_ directory: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = """
            while kill -0 "$1" 2>/dev/null && [ ! -e "$2/ended" ]; do sleep 0.5; done
            kill -QUIT "$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null)" 2>/dev/null; sleep 0.5
            rm -rf "$2"
            """
        process.arguments = ["-c", script, "sh", "\(getpid())", directory]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// Starts the shared server once, whoever asks first.
private actor SharedPostgresServer {
    static let instance = SharedPostgresServer()

    private var outcome: Result<PostgresServer, any Error>?
    private var isStarting = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func server() async throws -> PostgresServer {
        if let outcome { return try outcome.get() }
        if isStarting {
            await withCheckedContinuation { waiters.append($0) }
        } else {
            isStarting = true
            do {
                outcome = .success(try await PostgresServer())
            } catch {
                outcome = .failure(error)
            }
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
        guard let outcome else { throw PostgresServer.Failure(log: "it was not started") }
        return try outcome.get()
    }
}
