import Foundation
import Testing

@testable import swiftscale

/// A configuration made of texts, far from the machine's own files and environment.
struct ConfigurationSandbox {
    var yaml: String?
    var environment: [String: String] = [:]
    var flags: [String: ConfigurationSources.FlagValue] = [:]
    var isRoot = false

    static let path = "/conf/swiftscale/config.yaml"

    var surroundings: Surroundings {
        Surroundings(
            environment: environment,
            homeDirectory: "/home/anna",
            workingDirectory: "/work/place",
            isRoot: isRoot
        )
    }

    /// - Parameter process: what is to run with it.
    func load(for process: ProcessKind? = nil) throws -> ServerConfiguration {
        let file = try yaml.map { try ConfigurationFile(path: Self.path, text: $0) }
        let sources = ConfigurationSources(flags: flags, environment: environment, file: file)
        return try ServerConfiguration(sources, surroundings: surroundings, for: process)
    }

    /// The faults of a configuration that cannot be used; empty when it can.
    func faults(for process: ProcessKind? = nil) -> [ConfigurationFault] {
        do {
            _ = try load(for: process)
            return []
        } catch let error as ConfigurationError {
            return error.faults
        } catch {
            Issue.record("not a configuration error: \(error)")
            return []
        }
    }
}
