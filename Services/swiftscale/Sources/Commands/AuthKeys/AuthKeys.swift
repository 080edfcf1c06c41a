import ArgumentParser

/// `swiftscale preauthkeys`.
struct AuthKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preauthkeys",
        abstract: "Create, list, expire and delete auth keys, which let nodes in.",
        subcommands: [AuthKeysCreate.self, AuthKeysList.self, AuthKeysExpire.self, AuthKeysDelete.self],
        aliases: ["preauthkey", "authkey", "authkeys", "pre"]
    )
}
