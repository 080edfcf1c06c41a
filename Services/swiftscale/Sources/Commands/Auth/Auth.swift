import ArgumentParser

/// `swiftscale auth`.
struct Auth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let devices and logins by SSH in that wait for it, or turn them away.",
        subcommands: [AuthList.self, AuthRegister.self, AuthApprove.self, AuthReject.self]
    )
}

/// Names one login.
struct LoginSelection: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The login's id, or the address that the device or the session shows.", valueName: "id")
    )
    var authId: String
}
