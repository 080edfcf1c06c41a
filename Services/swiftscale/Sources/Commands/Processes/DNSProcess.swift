import ArgumentParser

/// `swiftscale dns`.
struct DNSProcess: ProcessCommand {
    static let kind = ProcessKind.dns
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Run the DNS settings service in a process of its own.",
        discussion: """
            It publishes MagicDNS, resolvers and records, as configured, to the gateways.
            Needs bus.urls.

            Example:
              swiftscale dns -c /etc/swiftscale/dns.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
