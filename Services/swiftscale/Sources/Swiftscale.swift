import ArgumentParser

/// The program and all its verbs.
struct Swiftscale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftscale",
        abstract: "A self-hosted control plane for Tailscale clients.",
        discussion: """
            Start a server, make a key, bring a client in:
              swiftscale serve
              swiftscale preauthkeys create --user me --create-user --reusable
              tailscale up --login-server http://127.0.0.1:8080 --auth-key <KEY>
            """,
        version: BuildInformation.version,
        subcommands: [
            Serve.self, GatewayProcess.self, RegistryProcess.self, Policy.self, DERPProcess.self, DNSProcess.self,
            Users.self, AuthKeys.self, Nodes.self, Auth.self, APIKeys.self, Audit.self, DeploymentKeys.self,
            Generate.self,
            Health.self, ConfigTest.self, Version.self, Completion.self,
        ]
    )
}
