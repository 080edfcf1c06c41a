import ArgumentParser

/// `swiftscale serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        discussion: """
            Needs no configuration: it then listens on 127.0.0.1:8080 and keeps its data in the data directory.

            Examples:
              swiftscale serve
              swiftscale serve --data-dir ./data
              swiftscale serve -c /etc/swiftscale/config.yaml
            """,
        aliases: ["server"]
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let console = Console.standard
        do {
            try await ServerRun(configuration: try global.configuration(), console: console).run()
        } catch {
            console.error(error.rendered(as: nil))
            throw ExitCode.failure
        }
    }
}
