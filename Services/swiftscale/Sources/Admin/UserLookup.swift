/// Finds users for commands that take a name or an id.
struct UserLookup: Sendable {
    let client: AdminClient

    /// The user with this id or name; a name that reads as an id is taken as an id first.
    func user(_ text: String) async throws(CommandFailure) -> JSONValue {
        guard let user = try await find(text) else {
            throw CommandFailure("there is no user \"\(text)\"; see them with: swiftscale users list")
        }
        return user
    }

    /// The user with this id or name, made under this name if there is none.
    func userOrNew(_ text: String) async throws(CommandFailure) -> JSONValue {
        if let user = try await find(text) { return user }
        let reply = try await client.post(["user"], .object(["name": .text(text)]))
        return try client.member("user", of: reply)
    }

    /// The user named by exactly one of an id and a name.
    func user(identifier: Int64?, name: String?) async throws(CommandFailure) -> JSONValue {
        var query: [String: String] = [:]
        if let identifier { query["id"] = String(identifier) }
        if let name { query["name"] = name }
        let users = try client.member("users", of: try await client.get(["user"], query: query)).list ?? []
        guard let user = users.first else {
            let asked = query.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " and ")
            throw CommandFailure("there is no user with \(asked); see them with: swiftscale users list")
        }
        return user
    }

    private func find(_ text: String) async throws(CommandFailure) -> JSONValue? {
        let users = try client.member("users", of: try await client.get(["user"])).list ?? []
        return users.first { $0["id"]?.text == text } ?? users.first { $0["name"]?.text == text }
    }
}
