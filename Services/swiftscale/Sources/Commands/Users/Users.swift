import ArgumentParser

/// `swiftscale users`.
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create, list, rename and destroy users.",
        subcommands: [UsersCreate.self, UsersList.self, UsersRename.self, UsersDestroy.self],
        aliases: ["user"]
    )
}
