import Bus
import ControlModel
import Storage

extension Registry {
    func serveUsers(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(CreateUser.self, in: &group) { try await self.createUser($0) }
        serve(ListUsers.self, in: &group) { _ in try await self.store.users(tailnet: self.tailnet) }
        serve(RenameUser.self, in: &group) { try await self.renameUser($0) }
        serve(SetUserRole.self, in: &group) { try await self.setRole($0) }
        serve(DeleteUser.self, in: &group) { try await self.deleteUser($0) }
    }

    private func createUser(_ request: CreateUser) async throws -> User {
        if let fault = User.nameFault(request.name) { throw RequestFailure(.invalid, fault) }
        return try await committing {
            try await requireFree(request.name)
            let user = User(
                id: try await allocator.userID(),
                tailnet: tailnet,
                name: request.name,
                displayName: request.displayName,
                email: request.email,
                profilePictureURL: request.profilePictureURL,
                createdAt: dependencies.now()
            )
            return Plan(writes: [.createUser(user)]) { $0.user(user.id) ?? user }
        }
    }

    private func renameUser(_ request: RenameUser) async throws -> User {
        if let fault = User.nameFault(request.name) { throw RequestFailure(.invalid, fault) }
        return try await committing {
            var user = try await requireUser(request.user)
            guard user.identity == nil else {
                throw RequestFailure(
                    .invalid,
                    "\(user.name) logs in through a provider and cannot be renamed here: policies know them by that name"
                )
            }
            if user.name != request.name { try await requireFree(request.name) }
            user.name = request.name
            return Plan(writes: [.replaceUser(user)]) { [user] in $0.user(user.id) ?? user }
        }
    }

    private func setRole(_ request: SetUserRole) async throws -> User {
        try await committing {
            var user = try await requireUser(request.user)
            user.role = request.role
            return Plan(writes: [.replaceUser(user)]) { [user] in $0.user(user.id) ?? user }
        }
    }

    private func deleteUser(_ request: DeleteUser) async throws -> Done {
        try await committing {
            let user = try await requireUser(request.user)
            return Plan(writes: [.deleteUser(user.id)]) { _ in Done() }
        }
    }

    func requireUser(_ id: UserID) async throws -> User {
        guard let user = try await store.user(id, tailnet: tailnet) else {
            throw RequestFailure(.notFound, "user \(id) not found; list users with: swiftscale users list")
        }
        return user
    }

    private func requireFree(_ name: String) async throws {
        guard try await store.user(named: name, tailnet: tailnet) == nil else {
            throw RequestFailure(.conflict, "a user named \(name) exists already")
        }
    }
}

extension [RegistryChange] {
    /// The last state of a user among these changes.
    func user(_ id: UserID) -> User? {
        for change in reversed() {
            if case .user(let user) = change.subject, user.id == id { return user }
        }
        return nil
    }
}
