import ArgumentParser
import Foundation

/// `swiftscale audit list`.
struct AuditList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List changes of users, nodes and keys, and what clients tell of their users, newest first.",
        discussion: """
            Examples:
              swiftscale audit list --since 24h
              swiftscale audit list --since 2030-01-31T12:00:00Z --limit 1000 -o json
            """,
        aliases: ["ls"]
    )

    @Option(
        name: .long,
        help: ArgumentHelp("Only changes since this time, or this long ago, e.g. 24h.", valueName: "time")
    )
    var since: String?

    @Option(name: .long, help: ArgumentHelp("At most so many, 1 to 1000.", valueName: "number"))
    var limit = 100

    @Option(name: .long, help: ArgumentHelp("Only changes before this version, to read on.", valueName: "version"))
    var before: Int?

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("A limit is a number from 1 to 1000.") }
        if let since, TimeText.past(since, now: .distantFuture) == nil {
            throw ValidationError("--since \"\(since)\" is neither a duration like 24h nor a time.")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var query = ["limit": String(limit)]
        if let before { query["before"] = String(before) }
        if let moment = since.flatMap({ TimeText.past($0, now: console.now()) }) {
            query["since"] = TimeText.text(moment)
        }
        let records = try client.member("records", of: try await client.get(["audit"], query: query))
        let time = RelativeTime(now: console.now())
        var table = Table("VERSION", "WHEN", "WHO", "FROM", "ACTION", "WHAT", "CHANGE")
        for record in records.list ?? [] {
            let target = record["target"]
            table.add([
                record["version"]?.text ?? "", time.text(record["time"], unset: ""), record["actor"]?.text ?? "",
                record["source"]?.text ?? "", record["action"]?.text ?? "",
                [target?["kind"]?.text, target?["id"]?.text, target?["name"]?.text]
                    .compactMap(\.self).joined(separator: " "),
                Self.difference(record),
            ])
        }
        return Report(text: table.text(whenEmpty: "No change is recorded."), value: records)
    }

    /// `field: old → new` of what changed; what was made or removed says only that, and a client's event what it tells.
    private static func difference(_ record: JSONValue) -> String {
        let (had, has) = (record["before"]?.members ?? [:], record["after"]?.members ?? [:])
        let action = record["action"]?.text ?? ""
        if action.hasPrefix(clientPrefix) || action == clientQuestion {
            return has.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text ?? "")" }.joined(separator: "; ")
        }
        if had.isEmpty { return "made" }
        if has.isEmpty { return "removed" }
        return Set(had.keys).union(has.keys).sorted()
            .map { "\($0): \(had[$0]?.text ?? "") → \(has[$0]?.text ?? "")" }
            .joined(separator: "; ")
    }

    /// With what the actions begin that clients tell of.
    private static let clientPrefix = "client."
    /// What an administrator asked a client.
    private static let clientQuestion = "registry.node.ask"
}
