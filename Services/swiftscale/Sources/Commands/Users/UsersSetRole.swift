import ArgumentParser
import ControlModel

/// `swiftscale users set-role`.
struct UsersSetRole: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-role",
        abstract: "Say what a user may do; policies speak of it as autogroup:ROLE.",
        discussion: """
            Example:
              swiftscale users set-role --name anna admin
            """
    )

    @OptionGroup var selection: UserSelection

    @Argument(help: "\(roles).")
    var role: String

    @OptionGroup var options: AdminOptions

    private static let roles = UserRole.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        guard UserRole(rawValue: role) != nil else { throw ValidationError("A role is one of \(Self.roles).") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let user = try await UserLookup(client: client).user(identifier: selection.identifier, name: selection.name)
        let path = ["user", user["id"]?.text ?? "", "role"]
        let reply = try await client.post(path, .object(["role": .text(role)]))
        return Report(
            text: "User \(user["name"]?.text ?? "") has the role \(role).",
            value: try client.member("user", of: reply)
        )
    }
}
