public import ControlModel

/// A user as clients see it.
///
/// - Source: `tailcfg.UserProfile`.
public struct WireUserProfile: Hashable, Sendable {
    public var id: Int64
    /// Never empty: without it the Go client does not save its login.
    public var loginName: String
    public var displayName: String
    public var profilePictureURL: String

    public init(id: Int64, loginName: String, displayName: String, profilePictureURL: String = "") {
        self.id = id
        self.loginName = loginName
        self.displayName = displayName
        self.profilePictureURL = profilePictureURL
    }

    public init(_ user: User) {
        id = user.id.rawValue
        loginName = user.name
        displayName = user.displayName.isEmpty ? user.name : user.displayName
        profilePictureURL = user.profilePictureURL
    }

    /// The owner that all tagged nodes seem to have.
    public static let taggedDevices = WireUserProfile(
        id: User.taggedDevicesID,
        loginName: "tagged-devices",
        displayName: "Tagged Devices"
    )
}

extension JSONWriter {
    public mutating func writeUserProfile(_ profile: WireUserProfile) {
        beginObject()
        key("ID")
        integer(profile.id)
        key("LoginName")
        text(profile.loginName)
        key("DisplayName")
        text(profile.displayName)
        field("ProfilePicURL", profile.profilePictureURL)
        endObject()
    }
}
