import Foundation
import NIOCore
import Synchronization
import TestKit
import Testing

/// A real OpenID Connect provider in a process of its own, on a free port of the loopback.
final class ProviderProcess: Sendable {
    private let process: Mutex<Process>
    private let input: Pipe
    let port: Int

    /// What its tokens say they are from.
    var issuer: String { "http://localhost:\(port)" }
    var address: ServerAddress { ServerAddress(port: port) }

    private init(_ process: consuming sending Process, _ input: Pipe, port: Int) {
        self.process = Mutex(process)
        self.input = input
        self.port = port
    }

    /// Runs `body` beside a provider; its absence is a failure.
    static func run(_ body: (ProviderProcess) async throws -> Void) async throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let python = root.appending(path: ".interop/oidc-provider/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: python.path),
            "the provider is not installed: run Tests/Tools/install-oidc-provider"
        )
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = python
        process.arguments = ["-W", "ignore", root.appending(path: "Tests/Tools/oidc-provider.py").path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = output.fileHandleForReading.availableData
        let port = Int(String(decoding: line, as: UTF8.self).split(separator: "\n").first ?? "") ?? 0
        let provider = ProviderProcess(process, input, port: port)
        defer { provider.stop() }
        try #require(port > 0, "the provider did not start")
        try await body(provider)
    }

    /// Ends it; for tests of what happens then, before its time.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.withLock { process in
            if process.isRunning { process.terminate() }
        }
    }

    /// What it says about somebody from now on.
    func set(_ subject: String, claims: String) async throws {
        let answer = try await Browser(address, host: "localhost").send("PUT", "/users/\(subject)", json: claims)
        try #require(answer.status == 204)
    }
}
