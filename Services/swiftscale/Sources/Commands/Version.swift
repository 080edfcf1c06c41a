import ArgumentParser

/// `swiftscale version`.
struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the version of this program.",
        discussion: """
            Example:
              swiftscale version -o json
            """
    )

    @OptionGroup var format: OutputOptions

    static var report: Report {
        Report(
            text: "swiftscale \(BuildInformation.version) "
                + "(\(BuildInformation.operatingSystem)/\(BuildInformation.architecture), \(BuildInformation.configuration))",
            value: .object([
                "version": .text(BuildInformation.version), "os": .text(BuildInformation.operatingSystem),
                "arch": .text(BuildInformation.architecture), "build": .text(BuildInformation.configuration),
            ])
        )
    }

    func run() async throws {
        try await CommandRunner.run(as: format.output) { Self.report }
    }
}
