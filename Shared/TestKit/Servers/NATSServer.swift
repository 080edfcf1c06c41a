import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A private nats-server on loopback, ended with its last reference.
///
/// Missing: tests fail.
public final class NATSServer: Sendable {
    /// It did not come up; what it wrote is in here.
    public struct DidNotStart: Error {
        public let log: String
    }

    private struct State {
        var process: Process?
        /// The one the system gave at the first start; kept over restarts.
        var port: Int?
        var starts = 0
    }

    private static let paths = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server", "/usr/bin/nats-server"]

    /// Whether there is a nats-server on this machine.
    public static var isInstalled: Bool { path != nil }
    private static var path: String? { paths.first { FileManager.default.isExecutableFile(atPath: $0) } }

    private let directory: TemporaryDirectory
    private let settings: String
    private let state = Mutex(State())

    /// - Parameter settings: lines of nats-server's configuration file: users, permissions, TLS, limits.
    /// - Parameter port: `nil`: one that is free.
    public init(_ settings: String = "", port: Int? = nil) async throws {
        directory = try TemporaryDirectory()
        self.settings = settings
        state.withLock { $0.port = port }
        try await start()
    }

    deinit {
        if let process = state.withLock({ $0.process }) { kill(process.processIdentifier, SIGKILL) }
    }

    /// `nats://127.0.0.1:<port>`.
    public var url: String { "nats://127.0.0.1:\(port)" }
    public var port: Int { state.withLock { $0.port } ?? 0 }

    /// Starts it, again on the port of before.
    public func start() async throws {
        guard let path = Self.path else {
            throw DidNotStart(log: "there is no nats-server (Debian: nats-server)")
        }
        let (start, port) = state.withLock { state in
            state.starts += 1
            return (state.starts, state.port)
        }
        let ports = directory.path("ports-\(start)")
        try FileManager.default.createDirectory(atPath: ports, withIntermediateDirectories: false)
        let configuration = directory.path("nats.conf")
        try """
        listen: "127.0.0.1:\(port ?? -1)"
        ports_file_dir: "\(ports)"
        \(settings)

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let log = directory.path("log-\(start)")
        try Data().write(to: URL(fileURLWithPath: log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", configuration]
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        state.withLock { $0.process = process }
        do {
            let listening = try await eventually("nats-server listens") {
                guard process.isRunning else { throw DidNotStart(log: "") }
                return Self.port(in: ports)
            } until: {
                $0 != nil
            }
            state.withLock { $0.port = listening }
        } catch {
            await stop()
            throw DidNotStart(log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "\(error)")
        }
    }

    /// Kills it, by its process id, and waits for that.
    public func stop() async {
        let process = state.withLock { state in
            let process = state.process
            state.process = nil
            return process
        }
        guard let process else { return }
        // It inherits the signal mask of our thread, which may keep all other signals from it.
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(2)) }
    }

    /// Lets it stand still, connections open, until ``resume()``.
    public func freeze() {
        if let process = state.withLock({ $0.process }) { kill(process.processIdentifier, SIGSTOP) }
    }

    public func resume() {
        if let process = state.withLock({ $0.process }) { kill(process.processIdentifier, SIGCONT) }
    }

    /// The port in the file that the server writes once it listens.
    private static func port(in directory: String) -> Int? {
        struct Ports: Decodable {
            var nats: [String]
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard let name = names.first(where: { $0.hasSuffix(".ports") }),
            let data = FileManager.default.contents(atPath: directory + "/" + name),
            let url = (try? JSONDecoder().decode(Ports.self, from: data))?.nats.first
        else { return nil }
        return url.split(separator: ":").last.flatMap { Int($0) }
    }
}
