import ArgumentParser

/// A command that runs a process until it is told to stop.
protocol ProcessCommand: AsyncParsableCommand {
    static var kind: ProcessKind { get }
    var global: GlobalOptions { get }
}

extension ProcessCommand {
    func run() async throws {
        let console = Console.standard
        do {
            let configuration = try global.configuration(for: Self.kind)
            try await ProcessRun(kind: Self.kind, configuration: configuration, console: console).run()
        } catch {
            console.error(error.rendered(as: nil))
            throw ExitCode.failure
        }
    }
}
