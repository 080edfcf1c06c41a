import Foundation
import Synchronization
import TestKit
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A real browser without a window, steered through a pipe by its DevTools protocol.
///
/// It reaches the servers it was told of and nothing else.
final class Chromium: Sendable {
    /// The browser did not do what it was asked for.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A request that a page made.
    struct Request: Sendable {
        let url: String
        let page: String
    }

    private struct State {
        var received = Data()
        var lastID = 0
        var requests: [Request] = []
    }

    private static let answerLimit = Duration.seconds(60)

    private let process: Mutex<Process>
    private let input: FileHandle
    private let output: FileHandle
    private let state = Mutex(State())
    /// Reading waits: it has a thread of its own, so that none of the tests' own is held.
    private let queue = DispatchQueue(label: "chromium")
    private let directory: TemporaryDirectory

    /// - Parameter servers: ports of the loopback by the `host:port` that pages know them under.
    private init(_ servers: [String: Int]) throws {
        directory = try TemporaryDirectory()
        let program = ["chromium", "chromium-browser"].map { "/usr/bin/" + $0 }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        let chromium = try #require(program, "chromium is not installed: run Tests/Tools/install-packages")
        let rules = servers.sorted { $0.key < $1.key }.map { "MAP \($0.key) 127.0.0.1:\($0.value)" }
        let process = Process()
        let (commands, answers) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // DevTools speak over the descriptors 3 and 4.
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", chromium, "--headless=new", "--no-sandbox",
            "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-features=HttpsUpgrades,OptimizationHints", "--lang=en",
            "--user-data-dir=\(directory.path("profile"))", "--remote-debugging-pipe",
            "--host-resolver-rules=\((rules + ["MAP * ~NOTFOUND", "EXCLUDE localhost"]).joined(separator: ", "))",
        ]
        process.environment = ["HOME": directory.url.path, "PATH": "/usr/bin:/bin"]
        process.standardInput = commands
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
        input = commands.fileHandleForWriting
        output = answers.fileHandleForReading
        self.process = Mutex(process)
    }

    /// Runs `body` beside a browser; its absence is a failure.
    static func run(servers: [String: Int], _ body: (Chromium) async throws -> Void) async throws {
        let browser = try Chromium(servers)
        do {
            try await body(browser)
        } catch {
            await browser.stop()
            throw error
        }
        await browser.stop()
    }

    /// What pages have asked for, from servers or elsewhere, up to the last answer of the browser.
    var requests: [Request] { state.withLock { $0.requests } }

    private func stop() async {
        _ = try? await send("Browser.close")
        try? await eventually("the browser has ended") { !process.withLock { $0.isRunning } }
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        try? input.close()
        try? output.close()
    }

    /// Gives a command and waits for the answer to it.
    ///
    /// - Parameters:
    ///   - parameters: a JSON object.
    ///   - session: of the page that is meant; `nil`: the browser.
    /// - Returns: the answer's result, a JSON object.
    func send(_ method: String, _ parameters: String = "{}", session: String? = nil) async throws -> Data {
        let outcome: Result<Data, any Error> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                continuation.resume(returning: Result { try exchange(method, parameters, session) })
            }
        }
        return try outcome.get()
    }

    private func exchange(_ method: String, _ parameters: String, _ session: String?) throws -> Data {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let place = session.map { ",\"sessionId\":\"\($0)\"" } ?? ""
        let message = "{\"id\":\(id),\"method\":\"\(method)\",\"params\":\(parameters)\(place)}\0"
        try input.write(contentsOf: Data(message.utf8))
        let end = ContinuousClock.now + Self.answerLimit
        while true {
            let message = try nextMessage(before: end)
            let object = try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
            guard let answered = object["id"] as? Int else {
                note(object)
                continue
            }
            guard answered == id else { continue }
            guard let result = object["result"] as? [String: Any] else {
                throw Failure(description: "\(method): \(String(decoding: message, as: UTF8.self))")
            }
            return try JSONSerialization.data(withJSONObject: result)
        }
    }

    private func note(_ event: [String: Any]) {
        guard event["method"] as? String == "Network.requestWillBeSent",
            let parameters = event["params"] as? [String: Any], let page = parameters["documentURL"] as? String,
            let url = (parameters["request"] as? [String: Any])?["url"] as? String
        else { return }
        state.withLock { $0.requests.append(Request(url: url, page: page)) }
    }

    private func nextMessage(before end: ContinuousClock.Instant) throws -> Data {
        while true {
            let message = state.withLock { state -> Data? in
                guard let zero = state.received.firstIndex(of: 0) else { return nil }
                defer { state.received = Data(state.received[state.received.index(after: zero)...]) }
                return Data(state.received[..<zero])
            }
            if let message { return message }
            guard ContinuousClock.now < end else { throw Failure(description: "the browser does not answer") }
            var wait = pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 100) > 0 else { continue }
            let bytes = output.availableData
            guard !bytes.isEmpty else { throw Failure(description: "the browser has ended") }
            state.withLock { $0.received.append(bytes) }
        }
    }
}
