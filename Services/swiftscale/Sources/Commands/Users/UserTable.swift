import Foundation

/// Users as people read them.
enum UserTable {
    static func text(_ users: [JSONValue], now: Date) -> String {
        let time = RelativeTime(now: now)
        var table = Table("ID", "NAME", "DISPLAY NAME", "EMAIL", "ROLE", "CREATED")
        for user in users {
            table.add([
                user["id"]?.text ?? "", user["name"]?.text ?? "", user["displayName"]?.text ?? "",
                user["email"]?.text ?? "", user["role"]?.text ?? "", time.text(user["createdAt"], unset: ""),
            ])
        }
        return table.text(whenEmpty: "No users. Make one with: swiftscale users create NAME")
    }
}
