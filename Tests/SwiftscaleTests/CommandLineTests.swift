import ArgumentParser
import Foundation
import TestKit
import Testing

@testable import swiftscale

@Suite("command line")
struct CommandLineTests {
    @Test(
        "a wrong command line ends with 64",
        arguments: [
            "nonsense", "users nonsense", "users create", "users destroy", "users rename -i 3",
            "users list -i 3 -n anna",
            "users destroy -i 0", "users destroy -i x", "preauthkeys create",
            "preauthkeys create --create-user --tags tag:a",
            "preauthkeys create -u anna -e soon", "preauthkeys expire", "nodes expire", "nodes delete -i x",
            "nodes expire -i 1 -d -e 1h", "nodes expire -i 1 -e soon", "nodes rename -i 1", "nodes approve-routes -i 1",
            "nodes set-ip -i 1",
            "nodes set-ip -i 1 100.64.0.1 100.64.0.2", "nodes set-ip -i 1 box", "nodes set-ip 100.64.0.1",
            "nodes approve-routes -r 10.0.0.0/8", "apikeys expire",
            "apikeys delete -i 1 -p a", "apikeys create -e x", "nodes list -o xml", "completion", "completion tcsh",
            "serve extra", "policy check", "policy check a -f b", "policy check a --live --network n", "policy eval",
            "policy explain a", "policy explain a b --policy p", "policy diff a", "policy set", "policy rollback",
            "policy rollback 0", "policy rollback x", "policy history --limit 0", "users set-role -n anna",
            "users set-role -n anna king", "users set-role admin", "nodes tag -i 7", "nodes approve",
            "nodes approve -i x", "nodes ping", "nodes ping -i 7 --type tsmp", "nodes ping -i 7 --to a --type carrier",
            "nodes ping -i 7 --timeout 0", "nodes ping -i 7 --timeout 2m", "nodes c2n -i 7", "nodes c2n -i 7 echo",
            "nodes c2n /echo", "nodes c2n -i 7 /echo --timeout soon",
            "nodes tag -t tag:a",
            "nodes tag -i 7 -t a", "nodes tag -i 7 -t ,", "nodes tag -i x -t tag:a", "nodes delete", "nodes rename new",
            "nodes register -u anna", "nodes register -k ID", "auth register -u anna", "auth register --auth-id ID",
            "auth approve", "auth reject", "preauthkeys delete", "preauthkeys expire -i x", "apikeys delete",
        ]
    )
    func wrong(line: String) throws {
        do {
            _ = try Swiftscale.parseAsRoot(line.split(separator: " ").map(String.init))
            Issue.record("\(line) was taken")
        } catch {
            #expect(Swiftscale.exitCode(for: error) == ExitCode(64))
        }
    }

    @Test("options of every command may stand before it")
    func leadingOptions() {
        func moved(_ line: String) -> String {
            LeadingOptions.moved(line.split(separator: " ").map(String.init)).joined(separator: " ")
        }
        #expect(moved("-o json users list") == "users list -o json")
        #expect(moved("-c f --force nodes delete -i 1") == "nodes delete -c f --force -i 1")
        #expect(moved("--config=f serve") == "serve --config=f")
        #expect(moved("users list -o json") == "users list -o json")
        #expect(moved("--help") == "--help")
        #expect(moved("-o") == "-o")
        #expect(moved("") == "")
    }

    @Test("every command says what it is for, and every verb shows an example")
    func help() {
        func check(_ command: any ParsableCommand.Type) {
            let configuration = command.configuration
            #expect(!configuration.abstract.isEmpty, "\(command) has no abstract")
            if configuration.subcommands.isEmpty {
                #expect(configuration.discussion.contains("  swiftscale "), "\(command) has no example")
            }
            for subcommand in configuration.subcommands { check(subcommand) }
        }
        check(Swiftscale.self)
    }

    @Test("completion scripts exist for each shell", arguments: Completion.Shell.allCases)
    func completion(shell: Completion.Shell) throws {
        let command = try #require(try Swiftscale.parseAsRoot(["completion", shell.rawValue]) as? Completion)
        #expect(command.script.contains("preauthkeys"))
    }

    @Test("a private key is printed in the form of its file, another each time")
    func privateKey() throws {
        let (first, second) = (GeneratePrivateKey.report, GeneratePrivateKey.report)
        #expect(first.text.wholeMatch(of: #/privkey:[0-9a-f]{64}/#) != nil)
        #expect(first.text != second.text)
        #expect(first.value["private_key"]?.text == first.text)
        #expect(try Swiftscale.parseAsRoot(["gen", "private-key"]) is GeneratePrivateKey)
    }

    @Test("flags become settings with the flag's name")
    func flags() throws {
        let command = try #require(
            try Swiftscale.parseAsRoot(["nodes", "ls", "--data-dir", "/d", "--socket", "/s", "--insecure"])
                as? NodesList
        )
        let configuration = try command.options.configuration()
        #expect(configuration.data.directory == "/d")
        #expect(configuration.data.socketPath == "/s")
        #expect(configuration.client.isInsecure)
    }

    @Test("a socket on the command line goes before a server named elsewhere")
    func socketFlag() throws {
        let folder = try TemporaryDirectory()
        let file = folder.path("config.yaml")
        try "cli: {address: vpn.example.com, api_key: k}\n".write(toFile: file, atomically: true, encoding: .utf8)
        func server(_ arguments: String...) throws -> ServerURL? {
            let command = try Swiftscale.parseAsRoot(["nodes", "list", "-c", file] + arguments)
            return try (command as? NodesList)?.options.configuration().client.serverURL
        }
        #expect(try server()?.description == "https://vpn.example.com")
        #expect(try server("--socket", "/s") == nil)
    }

    @Test("without a server the failure says how to start one")
    func noServer() async throws {
        var sandbox = ConfigurationSandbox()
        sandbox.environment = ["SWIFTSCALE_UNIX_SOCKET": "/nonexistent/s.sock"]
        let transport = try HTTPAdminTransport(sandbox.load())
        await #expect(
            throws: CommandFailure(
                "no server is answering at /nonexistent/s.sock; start one with: swiftscale serve"
            )
        ) {
            try await transport.send(AdminRequest(method: .get, path: ["health"]))
        }
    }
}
