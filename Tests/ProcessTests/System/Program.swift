import Foundation
import Synchronization
import TestKit

/// The program under test, as it was built beside the tests.
enum Program {
    struct Missing: Error {
        let path: String
    }

    /// What a run of the program wrote, and how it ended.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
    }

    static func url() throws -> URL {
        // SwiftPM runs tests from a bundle that lies in the folder of the products.
        guard let bundle = CommandLine.arguments.first(where: { $0.contains(".xctest") }),
            let end = bundle.firstRange(of: ".xctest")
        else { throw Missing(path: CommandLine.arguments.joined(separator: " ")) }
        let folder = URL(fileURLWithPath: String(bundle[..<end.lowerBound])).deletingLastPathComponent()
        let program = folder.appending(path: "swiftscale")
        guard FileManager.default.isExecutableFile(atPath: program.path) else { throw Missing(path: program.path) }
        return program
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        let directory = try TemporaryDirectory()
        let path = directory.path("output")
        try Data().write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = try url()
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = directory.url
        process.standardInput = FileHandle.nullDevice
        let output = FileHandle(forWritingAtPath: path)
        process.standardOutput = output
        process.standardError = output
        defer { try? output?.close() }
        try process.run()
        try await eventually("swiftscale \(arguments.joined(separator: " ")) ends", within: .seconds(60)) {
            !process.isRunning
        }
        return Outcome(status: process.terminationStatus, output: try String(contentsOfFile: path, encoding: .utf8))
    }
}
