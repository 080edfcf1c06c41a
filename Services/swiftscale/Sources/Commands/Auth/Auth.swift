import ArgumentParser

/// `swiftscale auth`.
struct Auth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let devices in that wait for a login, or turn them away.",
        subcommands: [AuthList.self, AuthRegister.self, AuthApprove.self, AuthReject.self]
    )
}

/// Names one login.
struct LoginSelection: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The login's id, or the address that the device shows.", valueName: "id"))
    var authId: String
}
