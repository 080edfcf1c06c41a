import Bus
import ControlModel
import Storage

extension Registry {
    /// The user that a provider's person is: found by identity and brought up to date, or made.
    ///
    /// Never found by name or e-mail: those can change hands at the provider.
    func user(for person: LoginPerson) async throws -> User {
        try await committing {
            let known = try await store.user(withIdentity: person.identity.key, tailnet: tailnet)
            guard var user = known else { return try await newUser(person) }
            // One text could be made of two pairs of issuer and subject.
            guard user.identity?.isSamePerson(as: person.identity) == true else {
                throw RequestFailure(.conflict, "this login is that of another user, of another provider")
            }
            user.identity = person.identity
            user.displayName = person.displayName
            user.email = person.email
            user.profilePictureURL = person.profilePictureURL
            return Plan(writes: [.replaceUser(user)]) { [user] in $0.user(user.id) ?? user }
        }
    }

    private func newUser(_ person: LoginPerson) async throws -> Plan<User> {
        let user = User(
            id: try await allocator.userID(),
            tailnet: tailnet,
            name: try await freeName(person),
            displayName: person.displayName,
            email: person.email,
            profilePictureURL: person.profilePictureURL,
            identity: person.identity,
            createdAt: dependencies.now()
        )
        return Plan(writes: [.createUser(user)]) { $0.user(user.id) ?? user }
    }

    /// The first of the person's names that nobody has, else the first with a number.
    private func freeName(_ person: LoginPerson) async throws -> String {
        let names = person.names.filter { User.nameFault($0) == nil }
        for name in names where try await store.user(named: name, tailnet: tailnet) == nil { return name }
        let stem = names.first ?? "user"
        let taken = Set(try await store.users(tailnet: tailnet).map(\.name))
        var number = 1
        while taken.contains("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }
}
