import ArgumentParser

/// Names one user, by id or by name.
struct UserSelection: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The user's id.", valueName: "id"))
    var identifier: Int64?

    @Option(name: [.short, .long], help: ArgumentHelp("The user's name.", valueName: "name"))
    var name: String?

    mutating func validate() throws {
        if identifier == nil, name == nil { throw ValidationError("Name the user with --identifier or --name.") }
        if let identifier, identifier < 1 { throw ValidationError("An id is a number from 1.") }
    }
}
