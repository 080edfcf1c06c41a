import ControlModel
import Foundation

/// What stands in the URL of a client that asks about a login by SSH.
struct SSHActionQuestion: Hashable {
    static let prefix = "/machine/ssh/action/"

    var check: SSHCheck
    /// The check that it was sent to; `nil` the first time.
    var login: LoginID?
    /// When that check ends.
    var deadline: Date?

    /// Reads `/machine/ssh/action/SOURCE/to/DESTINATION?local_user=NAME`; `nil` for anything else.
    init?(path: String, query: String) {
        guard path.hasPrefix(Self.prefix) else { return nil }
        let parts = path.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "to", let source = Self.node(parts[0]),
            let destination = Self.node(parts[2])
        else { return nil }
        var fields: [Substring: String] = [:]
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = Self.decoded(sides[1]) else { return nil }
            fields[sides[0]] = value
        }
        guard let user = fields["local_user"], !user.isEmpty else { return nil }
        check = SSHCheck(source: source, destination: destination, localUser: user)
        login = fields["auth_id"].flatMap { LoginID($0) }
        deadline = fields["until"].flatMap { Int64($0) }.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// Where the client asks again about a check.
    ///
    /// The client puts in the name of the local user, in the form that URLs need.
    static func url(server: String, _ check: SSHCheck, login: LoginID, deadline: Date) -> String {
        let until = Int64(deadline.timeIntervalSince1970.rounded(.up))
        return
            "\(server)\(prefix)\(check.source)/to/\(check.destination)?local_user=$LOCAL_USER&auth_id=\(login)&until=\(until)"
    }

    private static func node(_ text: Substring) -> NodeID? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text).flatMap { NodeID($0) }
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
