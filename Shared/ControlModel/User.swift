public import Foundation

/// A person, or an account that owns nodes.
public struct User: Hashable, Sendable, Codable {
    public var id: UserID
    public var tailnet: TailnetID
    /// Login name, unique in the tailnet.
    public var name: String
    public var displayName: String
    public var email: String
    public var profilePictureURL: String
    /// Who the user is at a provider; `nil` for users made here.
    public var identity: UserIdentity?
    public var role: UserRole
    public var createdAt: Date
    /// Tailnet version of the last change to this row.
    public var version: Version

    public init(
        id: UserID,
        tailnet: TailnetID,
        name: String,
        displayName: String = "",
        email: String = "",
        profilePictureURL: String = "",
        role: UserRole = .member,
        identity: UserIdentity? = nil,
        createdAt: Date,
        version: Version = 0
    ) {
        self.id = id
        self.tailnet = tailnet
        self.name = name
        self.displayName = displayName
        self.email = email
        self.profilePictureURL = profilePictureURL
        self.identity = identity
        self.role = role
        self.createdAt = createdAt
        self.version = version
    }

    /// A role that is absent or unknown gives no rights: ``UserRole/member``.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(UserID.self, forKey: .id)
        tailnet = try values.decode(TailnetID.self, forKey: .tailnet)
        name = try values.decode(String.self, forKey: .name)
        displayName = try values.decode(String.self, forKey: .displayName)
        email = try values.decode(String.self, forKey: .email)
        profilePictureURL = try values.decode(String.self, forKey: .profilePictureURL)
        identity = try values.decodeIfPresent(UserIdentity.self, forKey: .identity)
        role = try values.decodeIfPresent(String.self, forKey: .role).flatMap(UserRole.init) ?? .member
        createdAt = try values.decode(Date.self, forKey: .createdAt)
        version = try values.decode(Version.self, forKey: .version)
    }

    /// The user id under which tagged nodes appear.
    public static let taggedDevicesID: Int64 = 2_147_455_555

    /// Why a name is refused, or `nil` when it is a valid login name.
    ///
    /// Two characters at least, a letter first, then letters, digits, `-`, `.`, `_` and at most one `@`.
    public static func nameFault(_ name: String) -> String? {
        guard name.utf8.count >= 2 else { return "a user name has at least 2 characters" }
        guard name.utf8.count <= 253 else { return "a user name has at most 253 bytes" }
        guard let first = name.first, first.isLetter else { return "a user name starts with a letter" }
        guard name.allSatisfy({ $0.isLetter || $0.isNumber || "-._@".contains($0) }) else {
            return "a user name consists of letters, digits, '-', '.', '_' and at most one '@'"
        }
        guard name.count(where: { $0 == "@" }) <= 1 else { return "a user name has at most one '@'" }
        return nil
    }
}
