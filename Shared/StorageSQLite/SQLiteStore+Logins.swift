public import ControlModel
public import Foundation
public import Keys
public import Storage

extension SQLiteStore: PendingLoginStore {
    public func addLogin(
        _ login: PendingLogin,
        limits: PendingLoginLimits,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await write { connection in
            let table = PendingLoginTable(connection: connection, tailnet: login.tailnet)
            try table.deleteEnded(by: now)
            let (machineKey, nodeKey) = (login.machineKey, login.nodeKey)
            if let known = try table.find(machineKey: machineKey, nodeKey: nodeKey, check: login.check, now: now) {
                guard known.isOver else { return known }
                try table.delete(known.id)
            }
            guard try table.count(source: login.source) < limits.perSource else { return nil }
            if try table.count() >= limits.total {
                guard let largest = try table.largestSource(), largest.source != login.source else { return nil }
                try table.delete(largest.oldest)
            }
            try table.insert(login)
            return login
        }
    }

    public func login(
        _ id: LoginID,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await read { try PendingLoginTable(connection: $0, tailnet: tailnet).find(id, now: now) }
    }

    public func login(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await read {
            try PendingLoginTable(connection: $0, tailnet: tailnet)
                .find(machineKey: machineKey, nodeKey: nodeKey, now: now)
        }
    }

    public func logins(tailnet: TailnetID, now: Date) async throws(StorageError) -> [PendingLogin] {
        try await read { try PendingLoginTable(connection: $0, tailnet: tailnet).all(now: now) }
    }

    public func replaceLogin(_ login: PendingLogin) async throws(StorageError) -> PendingLogin {
        var replaced = login
        replaced.version += 1
        return try await write { [replaced] connection in
            let table = PendingLoginTable(connection: connection, tailnet: replaced.tailnet)
            guard try table.update(replaced) else { throw StorageError.conflict(.stale) }
            return replaced
        }
    }

    public func addStep(_ step: LoginStep, limit: Int, tailnet: TailnetID) async throws(StorageError) {
        try await write { connection in
            let table = LoginStepTable(connection: connection, tailnet: tailnet)
            try table.insert(step)
            try table.trim(step.login, to: limit)
        }
    }

    public func takeStep(
        secretHash: Data,
        browserHash: Data,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> LoginStep? {
        try await write { connection in
            let table = LoginStepTable(connection: connection, tailnet: tailnet)
            let step = try table.find(secretHash: secretHash, browserHash: browserHash, now: now)
            if step != nil { try table.delete(secretHash: secretHash) }
            return step
        }
    }

    public func removeEndedLogins(tailnet: TailnetID, now: Date) async throws(StorageError) {
        try await write { connection in
            try PendingLoginTable(connection: connection, tailnet: tailnet).deleteEnded(by: now)
            try LoginStepTable(connection: connection, tailnet: tailnet).deleteEnded(by: now)
        }
    }
}
