import ArgumentParser

/// Names one API key, by id or by prefix.
struct APIKeySelection: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The key's id.", valueName: "id"))
    var id: Int64?

    @Option(name: [.short, .long], help: "The key's prefix.")
    var prefix: String?

    mutating func validate() throws {
        if (id == nil) == (prefix == nil) { throw ValidationError("Name the key with --id or --prefix, one of them.") }
    }

    var text: String { id.map(String.init) ?? prefix ?? "" }
}
