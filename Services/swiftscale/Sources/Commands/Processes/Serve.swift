import ArgumentParser

/// `swiftscale serve`.
struct Serve: ProcessCommand {
    static let kind = ProcessKind.serve
    static let configuration = CommandConfiguration(
        abstract: "Run the server, all parts in one process.",
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
}
