/// One committed change of a tailnet: the whole new state of the row it is about.
///
/// Applying it twice or out of date does nothing: readers drop what is not newer than what they hold.
public struct RegistryChange: Hashable, Sendable, Codable {
    /// The tailnet's version that this change made.
    public var version: Version
    public var subject: Subject

    public init(version: Version, subject: Subject) {
        self.version = version
        self.subject = subject
    }

    /// What changed.
    ///
    /// Keys carry no row: nobody but the registry reads them.
    public enum Subject: Hashable, Sendable, Codable {
        case user(User)
        case userRemoved(UserID)
        case node(Node)
        case nodeRemoved(NodeID)
        case authKey(AuthKeyID)
        case apiKey(APIKeyID)
    }
}
