import Foundation
import Synchronization
import TestKit

#if canImport(Glibc)
    import Glibc
#endif

/// One process of the program under test, with a directory and ports of its own; killed with its last reference.
///
/// It may be stopped, killed, paused, and started again on the same directory and ports.
final class ServiceProcess: Sendable {
    /// It is not there, or did not do what was asked; with the end of its log.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var process: Process?
        /// Ports that the system gave at the first start, by the name of the listener; kept over restarts.
        var ports: [String: Int] = [:]
        var starts = 0
    }

    /// `gateway-1`, for one.
    let name: String
    private let kind: String
    private let settings: [String: String]
    private let environment: [String: String]
    private let disk: SmallDisk?
    private let directory = Result { try TemporaryDirectory() }
    private let state = Mutex(State())

    /// - Parameters:
    ///   - kind: the verb that runs it.
    ///   - settings: configuration as environment variables, without the prefix.
    ///   - environment: other variables, names as they are.
    ///   - disk: where its data are; `nil`: in its directory.
    init(
        _ name: String,
        kind: String,
        settings: [String: String],
        environment: [String: String] = [:],
        disk: SmallDisk? = nil
    ) {
        self.disk = disk
        self.name = name
        self.kind = kind
        self.settings = settings
        self.environment = environment
    }

    deinit {
        try? tell(to: .die)
    }

    var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }

    /// Starts it; does not wait for anything.
    func start() throws {
        guard !isRunning else { throw Failure(description: "\(name) runs already") }
        let ports = state.withLock { state in
            state.starts += 1
            return state.ports
        }
        var environment = [
            "DATA_DIR": try disk?.path ?? path("data"), "LOG_FORMAT": "json", "LOG_LEVEL": "debug",
            "METRICS_LISTEN_ADDR": "127.0.0.1:\(ports["operations"] ?? 0)",
            "LISTEN_ADDR": "127.0.0.1:\(ports["clients"] ?? 0)",
        ]
        environment.merge(settings) { $1 }
        let process = Process()
        let command = (disk?.launcher ?? []) + [try Program.url().path, kind]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = Dictionary(uniqueKeysWithValues: environment.map { ("SWIFTSCALE_" + $0.key, $0.value) })
            .merging(self.environment) { $1 }
        process.currentDirectoryURL = try directory.get().url
        process.standardInput = FileHandle.nullDevice
        let log = try logPath()
        try Data().write(to: URL(fileURLWithPath: log))
        let output = FileHandle(forWritingAtPath: log)
        process.standardOutput = output
        process.standardError = output
        defer { try? output?.close() }
        try process.run()
        try Watcher.watch(process.processIdentifier)
        state.withLock { $0.process = process }
    }

    /// Waits until `/readyz` says so.
    func waitUntilReady(within limit: Duration = .seconds(60)) async throws {
        do {
            try await eventually("\(name) is ready", within: limit, every: .milliseconds(20)) {
                guard isRunning else { throw Failure(description: "\(name) has ended") }
                return await failingChecks() == []
            }
        } catch {
            throw Failure(description: "\(error)\n\(log.suffix(4000))")
        }
    }

    /// What `/readyz` names; `nil` while nobody answers.
    func failingChecks() async -> [String]? {
        await readiness()?.failing
    }

    /// What it is ready without; `nil` while nobody answers.
    func missingChecks() async -> [String]? {
        await readiness().map { $0.missing ?? [] }
    }

    private struct Readiness: Decodable {
        var failing: [String]
        var missing: [String]?
    }

    private func readiness() async -> Readiness? {
        guard let answer = try? await operations("/readyz") else { return nil }
        return try? JSONDecoder().decode(Readiness.self, from: Data(answer.text.utf8))
    }

    /// The value of a series of `/metrics`, 0 while there is none: `gateway_noise_handshakes_total{result="ok"}`.
    func metric(_ series: String) async throws -> Double {
        let lines = try await operations("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(series + " ") }?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    private func operations(_ path: String) async throws -> HTTP1Answer {
        try await PlainConnection.get(path, from: ServerAddress(port: try port(of: "operations")))
    }

    /// The port of a listener, `clients` or `operations`, as it logged it.
    func port(of listener: String) throws -> Int {
        if let port = state.withLock({ $0.ports[listener] }) { return port }
        guard
            let line = LogLine.all(in: log).last(where: {
                $0.message == "listening" && $0.metadata["subject"] == listener
            }),
            let port = line.metadata["address"]?.split(separator: ":").last.flatMap({ Int($0) })
        else { throw Failure(description: "\(name) does not listen for \(listener)") }
        state.withLock { $0.ports[listener] = port }
        return port
    }

    /// Where clients reach it, once it is ready.
    func address() throws -> ServerAddress { ServerAddress(port: try port(of: "clients")) }

    /// What a process can be told from outside.
    enum Signal {
        /// In good order.
        case stop
        /// Stand still, connections open.
        case pause
        case goOn
        /// kill -9.
        case die

        fileprivate var number: Int32 {
            switch self {
            case .stop: SIGTERM
            case .pause: SIGSTOP
            case .goOn: SIGCONT
            case .die: SIGKILL
            }
        }
    }

    /// Sends a signal and waits for nothing.
    func tell(to signal: Signal) throws {
        guard let process = state.withLock({ $0.process }), process.isRunning else {
            throw Failure(description: "\(name) does not run\n\(log.suffix(4000))")
        }
        kill(process.processIdentifier, signal.number)
    }

    /// Stops it in good order and returns how long that took.
    @discardableResult
    func stop(within limit: Duration = .seconds(20)) async throws -> Duration {
        let start = ContinuousClock.now
        try tell(to: .stop)
        try await eventually("\(name) ends", within: limit) { !isRunning }
        guard endedWith == 0 else {
            throw Failure(description: "\(name) ended with \(endedWith ?? -1)\n\(log.suffix(4000))")
        }
        return ContinuousClock.now - start
    }

    /// Kills it with kill -9, and waits for that.
    func crash() async throws {
        try tell(to: .die)
        try await eventually("\(name) is gone") { !isRunning }
    }

    /// With which status it exited; `nil` while it runs, or where a signal ended it.
    var endedWith: Int32? {
        state.withLock { state in
            guard let process = state.process, !process.isRunning, process.terminationReason == .exit else {
                return nil
            }
            return process.terminationStatus
        }
    }

    /// What it wrote since it was started last.
    var log: String {
        guard let path = try? logPath() else { return "" }
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    private func logPath() throws -> String { try path("log-\(state.withLock { $0.starts })") }

    /// A path in its directory.
    func path(_ name: String) throws -> String { try directory.get().path(name) }

    /// The local socket of a gateway.
    func socket() throws -> String { try disk?.file("swiftscale.sock") ?? path("data") + "/swiftscale.sock" }
}
