import ControlModel

/// Which devices may take part without somebody approving them one by one.
public struct DeviceApproval: Hashable, Sendable {
    /// Whether devices need approval at all.
    public var isRequired = false
    /// Login names or e-mail addresses of users whose devices are approved when they come.
    public var users: Set<String> = []
    /// Groups at the login provider whose members' devices are.
    public var groups: Set<String> = []
    /// Tags with which devices are: all that a device has must be among them.
    public var tags: Set<String> = []

    public init(isRequired: Bool = false, users: Set<String> = [], groups: Set<String> = [], tags: Set<String> = []) {
        self.isRequired = isRequired
        self.users = users
        self.groups = groups
        self.tags = tags
    }

    /// Whether a device that comes with these tags, or without any as one of `user`, is approved at once.
    func approves(tags: [String], user: User?) -> Bool {
        guard isRequired else { return true }
        guard tags.isEmpty else { return self.tags.isSuperset(of: tags) }
        guard let user else { return false }
        return users.contains(user.name) || (!user.email.isEmpty && users.contains(user.email))
            || !groups.isDisjoint(with: user.identity?.groups ?? [])
    }
}
