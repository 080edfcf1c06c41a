import ArgumentParser
import PolicyLanguage

/// `swiftscale policy check`.
struct PolicyCheck: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy file.",
        discussion: """
            Needs no server. With --network the users and nodes in that file, and with --live those of the server, are looked
            at too, and the tests and sshTests of the policy are run. Ends with 0 when nothing is wrong, else with 1.

            Examples:
              swiftscale policy check policy.hujson
              swiftscale policy check policy.hujson --network network.json -o json
              swiftscale policy check policy.hujson --live
            """
    )

    @OptionGroup var source: PolicySource

    @Option(name: .long, help: ArgumentHelp("Users and nodes to check against.", valueName: "file"))
    var network: String?

    @Flag(name: .long, help: "Check against the users and nodes of the server.")
    var live = false

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if live, network != nil { throw ValidationError("Give at most one of --network and --live.") }
    }

    func run() async throws {
        if live { return try await ask() }
        try await CommandRunner.run(as: options.format.output) { () throws(CommandFailure) in try report() }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let text = try PolicyFiles.text(source.path)
        let reply = try await client.post(["policy", "check"], .object(["policy": .text(text), "report": true]))
        let found = PolicyFaultList(value: reply)
        return found.report(
            name: source.path,
            source: Array(text.utf8),
            whenFine: "\(source.path) is a valid policy for this network. Its tests pass."
        )
    }

    func report() throws(CommandFailure) -> Report {
        let (path, bytes) = (source.path, try PolicyFiles.bytes(source.path))
        let faults: PolicyFaultList
        let tests: String
        do throws(PolicyErrors) {
            let document = try PolicyDocument.parse(bytes)
            let count = document.tests.count + document.sshTests.count
            if network == nil, count > 0 {
                tests = " Its \(count) tests were not run: give a network with --network."
            } else {
                tests = count > 0 ? " Its \(count) tests pass." : ""
            }
        } catch {
            return PolicyFaultList(error).report(name: path, source: bytes, whenFine: "")
        }
        if let network {
            let network = try PolicyFiles.network(network)
            do throws(PolicyErrors) {
                _ = try PolicyEngine.checked(bytes, for: network)
                faults = .none
            } catch {
                faults = PolicyFaultList(error)
            }
        } else {
            faults = .none
        }
        return faults.report(name: path, source: bytes, whenFine: "\(path) is a valid policy.\(tests)")
    }
}

/// A policy file, named as an argument or, as headscale does it, with `-f`.
struct PolicySource: ParsableArguments {
    @Argument(help: ArgumentHelp("The policy; - for standard input.", valueName: "file"))
    var argument: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The policy, the same as the argument.", valueName: "file"))
    var file: String?

    func validate() throws {
        if argument == nil, file == nil { throw ValidationError("Name the policy file.") }
        if argument != nil, file != nil { throw ValidationError("Name one policy file.") }
    }

    var path: String { argument ?? file ?? "" }
}
