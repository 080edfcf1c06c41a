public import ControlModel

/// Whether tags may be given to a node: by an administrator, or by a user who logs a device in.
///
/// Owner: policy. Asker: registry (tags that devices or administrators ask for).
public struct CheckTags: BusRequest, Hashable {
    public static let subject = "policy.tags.check"
    public var tags: [String]
    /// Who would give them; `nil`: an administrator, who may give all that the policy knows.
    public var user: User?

    public init(tags: [String], user: User?) {
        self.tags = tags
        self.user = user
    }

    public struct Response: Sendable, Codable, Hashable {
        /// Tags that the policy in force does not know.
        public var unknown: [String]
        /// Tags that the user does not own.
        public var unowned: [String]

        public init(unknown: [String], unowned: [String]) {
            self.unknown = unknown
            self.unowned = unowned
        }
    }
}
