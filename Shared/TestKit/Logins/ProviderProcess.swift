import Foundation
import NIOCore
import Synchronization

/// A real OpenID Connect provider in a process of its own, on a free port of the loopback.
public final class ProviderProcess: Sendable {
    private let process: Mutex<Process>
    private let input: Pipe
    public let port: Int

    /// What its tokens say they are from.
    public var issuer: String { "http://localhost:\(port)" }
    public var address: ServerAddress { ServerAddress(port: port) }

    private init(_ process: consuming sending Process, _ input: Pipe, port: Int) {
        self.process = Mutex(process)
        self.input = input
        self.port = port
    }

    /// Runs `body` beside a provider; its absence is a failure.
    public static func run(_ body: (ProviderProcess) async throws -> Void) async throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let python = root.appending(path: ".interop/oidc-provider/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw LoginFailure(description: "the provider is not installed: run Tests/Tools/install-oidc-provider")
        }
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
        guard port > 0 else { throw LoginFailure(description: "the provider did not start") }
        try await body(provider)
    }

    /// Ends it; for tests of what happens then, before its time.
    public func stop() {
        try? input.fileHandleForWriting.close()
        process.withLock { process in
            if process.isRunning { process.terminate() }
        }
    }

    /// What it says about somebody from now on.
    public func set(_ subject: String, claims: String) async throws {
        let answer = try await Browser(address, host: "localhost").send("PUT", "/users/\(subject)", json: claims)
        guard answer.status == 204 else { throw LoginFailure(description: "the provider said \(answer.status)") }
    }
}

/// A step on the way through a provider did not lead where it should.
public struct LoginFailure: Error, CustomStringConvertible {
    public let description: String
}
