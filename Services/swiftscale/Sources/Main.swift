import ArgumentParser

@main
enum Main {
    /// Exit codes: 0 done, 1 failed, 64 the command line is wrong.
    static func main() async {
        do {
            var command = try Swiftscale.parseAsRoot(LeadingOptions.moved(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Swiftscale.exit(withError: error)
        }
    }
}
