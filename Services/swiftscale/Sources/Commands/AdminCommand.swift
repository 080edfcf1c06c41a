import ArgumentParser

/// A command that asks a server's admin API and prints what it says.
protocol AdminCommand: AsyncParsableCommand {
    var options: AdminOptions { get }

    /// Does the work; printing is the caller's.
    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report
}

extension AdminCommand {
    func run() async throws {
        try await ask()
    }

    /// Asks the server and prints.
    func ask() async throws(ExitCode) {
        try await CommandRunner.run(as: options.format.output) { () async throws(CommandFailure) in
            let client = AdminClient(transport: try HTTPAdminTransport(try options.configuration()))
            return try await perform(client, console: .standard)
        }
    }
}

/// Prints what a command reports, or why it failed.
enum CommandRunner {
    static func run(
        as format: OutputFormat?,
        console: Console = .standard,
        _ body: () async throws(CommandFailure) -> Report
    ) async throws(ExitCode) {
        let report: Report
        do {
            report = try await body()
            console.out(try report.rendered(as: format))
        } catch {
            console.error(error.rendered(as: format))
            throw .failure
        }
        if report.isRefusal { throw .failure }
    }
}
