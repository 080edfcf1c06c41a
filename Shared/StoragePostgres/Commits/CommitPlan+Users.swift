import ControlModel
import Storage

extension CommitPlan {
    mutating func create(_ user: User) throws {
        claim(user.id, \.nextUserID)
        try require(image.users[user.id] == nil, else: .identifier)
        try require(image.userNames[user.name] == nil, else: .userName)
        var user = user
        (user.tailnet, user.version) = (tailnet, nextVersion)
        image.users[user.id] = .success(user)
        image.userNames[user.name] = user.id
        record(.user(user), .insertUser(user), from: nil, to: AuditImage(user))
    }

    mutating func replace(_ user: User) throws {
        let old = try current(image.users[user.id], version: user.version, of: \.version)
        var user = user
        user.tailnet = tailnet
        guard user != old else { return }
        try require([nil, user.id].contains(image.userNames[user.name]), else: .userName)
        user.version = nextVersion
        image.users[user.id] = .success(user)
        image.userNames[old.name] = nil
        image.userNames[user.name] = user.id
        record(.user(user), .updateUser(user), from: AuditImage(old), to: AuditImage(user))
    }

    mutating func delete(_ id: UserID) throws {
        guard let user = try image.users[id]?.get() else { throw StorageError.conflict(.stale) }
        try require(image.ownedNodes[id] ?? 0 == 0, else: .userHasNodes)
        let keys = try image.authKeys.values.map { try $0.get() }.filter { $0.user == id }
        for key in keys.sorted(by: { $0.id < $1.id }) { try delete(key.id) }
        image.users[id] = nil
        image.userNames[user.name] = nil
        record(.userRemoved(id), .deleteUser(id), from: AuditImage(user), to: nil)
    }
}
