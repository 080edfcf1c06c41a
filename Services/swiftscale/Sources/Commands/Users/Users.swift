import ArgumentParser

/// `swiftscale users`.
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create, list, rename and destroy users, and say what they may do.",
        subcommands: [UsersCreate.self, UsersList.self, UsersRename.self, UsersSetRole.self, UsersDestroy.self],
        aliases: ["user"]
    )
}
