import ArgumentParser

/// `swiftscale configtest`.
struct ConfigTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configtest",
        abstract: "Check the configuration without starting anything.",
        discussion: """
            Ends with 0 when the process would start with it, else with 1 and all faults.

            Examples:
              swiftscale configtest -c /etc/swiftscale/config.yaml
              swiftscale configtest --process gateway -c /etc/swiftscale/gateway.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Check it for this process: serve, gateway, registry, policy, derp or dns.",
            valueName: "name"
        )
    )
    var process = ProcessKind.serve

    func run() async throws {
        try await CommandRunner.run(as: format.output) { () throws(CommandFailure) in
            let configuration = try global.configuration(for: process)
            let faults = Self.faults(ofFilesIn: configuration, for: process)
            guard faults.isEmpty else { throw CommandFailure(faults.joined(separator: "\n")) }
            return Self.report(configuration)
        }
    }

    /// What would stop the process in the files that its configuration names.
    static func faults(ofFilesIn configuration: ServerConfiguration, for process: ProcessKind) -> [String] {
        var faults: [String] = []
        if process.hasClients, let certificate = configuration.listener.certificate {
            do {
                _ = try ServerCertificate.load(certificate)
            } catch {
                faults.append(error.message)
            }
        }
        if [.serve, .policy].contains(process), configuration.policy.mode == .file, let path = configuration.policy.path
        {
            do {
                try PolicyFiles.check(path)
            } catch {
                faults.append(error.message)
            }
        }
        return faults
    }

    static func report(_ configuration: ServerConfiguration) -> Report {
        let source = configuration.filePath ?? "no file, all defaults"
        let notes = configuration.notes.map { note in
            (note.weight == .warning ? "Warning: " : "Note: ") + note.text
        }
        return Report(
            text: (notes + ["The configuration is fine (\(source))."]).joined(separator: "\n"),
            value: .object([
                "valid": true, "file": configuration.filePath.map(JSONValue.text) ?? .null,
                "notes": .list(configuration.notes.map { .text($0.text) }),
            ])
        )
    }
}

extension ProcessKind: ExpressibleByArgument {}
