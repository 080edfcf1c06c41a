import ArgumentParser

/// `swiftscale gateway`.
struct GatewayProcess: ProcessCommand {
    static let kind = ProcessKind.gateway
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Run a gateway in a process of its own.",
        discussion: """
            Clients and the admin commands talk to gateways. They keep nothing: run several behind a TCP balancer.
            Needs bus.urls.

            Example:
              swiftscale gateway -c /etc/swiftscale/gateway.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
