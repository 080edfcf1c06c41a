import ArgumentParser
import Foundation

/// `swiftscale auth list`.
struct AuthList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List devices that wait for a login, and logins by SSH that wait for a confirmation.",
        discussion: """
            Example:
              swiftscale auth list
            """,
        aliases: ["ls"]
    )

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let logins = try client.member("logins", of: try await client.get(["auth"]))
        let time = RelativeTime(now: console.now())
        var table = Table("ID", "HOSTNAME", "OS", "TAGS", "NODE KEY", "FROM", "SSH TO", "STATE", "ASKED", "ENDS")
        for login in logins.list ?? [] {
            table.add([
                login["id"]?.text ?? "", login["hostname"]?.text ?? "", login["os"]?.text ?? "",
                (login["tags"]?.list ?? []).compactMap(\.text).joined(separator: " "),
                String(login["nodeKey"]?.text?.prefix(20) ?? ""), login["source"]?.text ?? "",
                Self.check(login["sshCheck"]), login["state"]?.text ?? "", time.text(login["createdAt"], unset: ""),
                time.text(login["expiration"], unset: ""),
            ])
        }
        return Report(text: table.text(whenEmpty: "Nobody waits for a login."), value: logins)
    }

    private static func check(_ check: JSONValue?) -> String {
        guard let node = check?["destinationNode"]?.text else { return "" }
        return "\(check?["localUser"]?.text ?? "")@\(node)"
    }
}
