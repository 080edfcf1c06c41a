import ArgumentParser

/// `swiftscale apikeys`.
struct APIKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apikeys",
        abstract: "Create, list, expire and delete keys of the admin API.",
        subcommands: [APIKeysCreate.self, APIKeysList.self, APIKeysExpire.self, APIKeysDelete.self],
        aliases: ["apikey", "api"]
    )
}
