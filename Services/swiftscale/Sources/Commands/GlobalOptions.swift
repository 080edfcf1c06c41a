import ArgumentParser

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("Configuration file.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Data directory, where the server's socket is by default.", valueName: "path")
    )
    var dataDir: String?

    /// Settings given on the command line, by key.
    var flags: [String: ConfigurationSources.FlagValue] {
        guard let dataDir else { return [:] }
        return [DataSettings.directory.name: .init(flag: "--data-dir", text: dataDir)]
    }

    /// - Parameter process: what is to run with it; `nil`: a command that asks a server.
    func configuration(
        adding more: [String: ConfigurationSources.FlagValue] = [:],
        for process: ProcessKind? = nil
    ) throws(CommandFailure) -> ServerConfiguration {
        do {
            let flags = flags.merging(more) { _, later in later }
            return try ServerConfiguration.load(file: config, for: process, flags: flags)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}

/// In which form a command prints.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Print json, json-line or yaml instead of a table.", valueName: "format")
    )
    var output: OutputFormat?
}

/// What the commands take that talk to a server.
struct AdminOptions: ParsableArguments {
    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Option(name: .long, help: ArgumentHelp("The server's local socket.", valueName: "path"))
    var socket: String?

    @Flag(name: .long, help: "Do not ask before something is deleted.")
    var force = false

    @Flag(name: .long, help: "Take the certificate of a remote server without a check.")
    var insecure = false

    func configuration() throws(CommandFailure) -> ServerConfiguration {
        var flags: [String: ConfigurationSources.FlagValue] = [:]
        if let socket { flags[DataSettings.socket.name] = .init(flag: "--socket", text: socket) }
        if insecure { flags[ClientSettings.insecure.name] = .init(flag: "--insecure", text: "true") }
        var configuration = try global.configuration(adding: flags)
        // A flag goes before a server that the environment or the file names.
        if socket != nil { configuration.client.serverURL = nil }
        return configuration
    }
}
