import ArgumentParser
import Testing

@testable import swiftscale

@Suite("command line: the document")
struct CommandDocumentTests {
    private let document: ReferenceDocument

    init() throws {
        document = try ReferenceDocument("cli.md")
    }

    @Test("every command has a heading, its aliases and an example; no heading names another command")
    func commands() throws {
        var paths: Set<String> = []
        for (path, command) in Self.all() {
            paths.insert(path)
            let section = try #require(document.section("swiftscale \(path)"), "swiftscale \(path) has no heading")
            for alias in command.configuration.aliases {
                #expect(section.contains("`\(alias)`"), "swiftscale \(path) without its alias \(alias)")
            }
            guard command.configuration.subcommands.isEmpty else { continue }
            #expect(section.contains("\nswiftscale \(path)"), "swiftscale \(path) has no example")
        }
        let headings = document.text.matches(of: #/(?m)^#{2,3} swiftscale (.+)$/#).map { String($0.1) }
        #expect(Set(headings) == paths)
    }

    @Test("every flag of a command stands in its section, and no flag that it has not")
    func flags() throws {
        let shared = Set([
            "--config", "--data-dir", "--output", "--socket", "--force", "--insecure", "--help", "--version",
        ])
        for (path, command) in Self.all() where command.configuration.subcommands.isEmpty {
            let section = try #require(document.section("swiftscale \(path)"), "swiftscale \(path) has no heading")
            let help = Swiftscale.helpMessage(for: command, columns: 400)
            let options = help.firstRange(of: "OPTIONS:").map { help[$0.upperBound...] } ?? ""
            let actual = Self.longFlags(options).subtracting(shared)
            #expect(Self.longFlags(section).subtracting(shared) == actual, "swiftscale \(path)")
        }
        let common = try #require(document.section("Options of every command"))
        #expect(shared.subtracting(Self.longFlags(common)).sorted() == [])
    }

    /// All commands below the program with their paths: `users`, `users list`.
    private static func all() -> [(path: String, command: any ParsableCommand.Type)] {
        func below(_ command: any ParsableCommand.Type, _ path: [String]) -> [(String, any ParsableCommand.Type)] {
            command.configuration.subcommands.flatMap { child in
                let path = path + [child._commandName]
                return [(path.joined(separator: " "), child)] + below(child, path)
            }
        }
        return below(Swiftscale.self, [])
    }

    private static func longFlags(_ text: some StringProtocol) -> Set<String> {
        Set(String(text).matches(of: #/[^\w-](--[a-z][a-z-]*)/#).map { String($0.1) })
    }
}
