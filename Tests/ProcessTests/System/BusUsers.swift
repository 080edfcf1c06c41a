import Foundation

/// The users of the bus with the permissions that compose/ gives them, so that a message that they do not allow fails a test.
enum BusUsers {
    private static let names = ["gateway", "registry", "policy", "derp", "dns"]

    static func password(of user: String) -> String { "loopback-only-\(user)" }

    /// For nats-server.
    static func settings() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let permissions = try String(contentsOf: root.appending(path: "compose/nats/permissions.conf"), encoding: .utf8)
        let users = names.map { name in
            "{ user: \(name), password: \"\(password(of: name))\", permissions: $\(name)_permissions }"
        }
        return permissions + "authorization { users: [ \(users.joined(separator: "\n")) ] }\n"
    }
}
