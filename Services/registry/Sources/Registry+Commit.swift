import Bus
import ControlModel
import CoreMetrics
import Logging
import ServiceKit
import Storage

/// What the audit log calls the request, or the work, in hand.
enum AuditAction {
    @TaskLocal static var current = "registry.work"

    static let ephemeralTimeout = "registry.ephemeral.timeout"
    static let hostnameChange = "registry.hostname.change"
    static let attributeEnd = "registry.attribute.end"
}

/// What a handler wants written, and what it answers then.
struct Plan<Answer> {
    var writes: [RegistryWrite]
    var reservation: Reservation?
    /// The node that the writes delete.
    var removed: Node?
    /// From the changes that the writes made.
    var answer: ([RegistryChange]) throws -> Answer

    /// Nothing to write.
    static func nothing(_ answer: Answer) -> Plan {
        Plan(writes: []) { _ in answer }
    }

    init(
        writes: [RegistryWrite],
        reservation: Reservation? = nil,
        removed: Node? = nil,
        answer: @escaping ([RegistryChange]) throws -> Answer
    ) {
        self.writes = writes
        self.reservation = reservation
        self.removed = removed
        self.answer = answer
    }
}

extension Plan where Answer == Node {
    /// The node as it is after the writes.
    init(_ write: RegistryWrite, of node: Node, reservation: Reservation? = nil) {
        self.init(writes: [write], reservation: reservation) { $0.node(node.id) ?? node }
    }
}

extension [RegistryChange] {
    /// The last state of a node among these changes.
    func node(_ id: NodeID) -> Node? {
        for change in reversed() {
            if case .node(let node) = change.subject, node.id == id { return node }
        }
        return nil
    }
}

extension Registry {
    /// How often something is decided anew because somebody else wrote first.
    static let attempts = 16

    /// Decides, commits, and decides anew on fresh reads when somebody else was first.
    func committing<Answer>(_ decide: () async throws -> Plan<Answer>) async throws -> Answer {
        for _ in 0..<Self.attempts {
            let plan = try await decide()
            do {
                let changes = try await commit(plan.writes, cause: auditCause)
                if let reservation = plan.reservation { await allocator.finish(reservation, .committed) }
                if let removed = plan.removed { await allocator.release(removed) }
                return try plan.answer(changes)
            } catch let error as StorageError {
                guard case .conflict(let conflict) = error else {
                    if let reservation = plan.reservation { await allocator.finish(reservation, .failed) }
                    throw error
                }
                metrics.conflicts.increment()
                if let reservation = plan.reservation { await allocator.finish(reservation, .refused(conflict)) }
                if conflict == .identifier { await allocator.forgetIdentifiers() }
                if conflict == .userHasNodes {
                    throw RequestFailure(
                        .conflict,
                        "the user still owns nodes; delete them first, list them with: swiftscale nodes list"
                    )
                }
            }
        }
        throw RequestFailure(.unavailable, "too many changes at once, try again")
    }

    /// Commits and hands over to the publisher.
    ///
    /// - Parameter cause: for the audit log; `nil`: what clients report about themselves is not in it.
    func commit(_ writes: [RegistryWrite], cause: AuditCause? = nil) async throws(StorageError) -> [RegistryChange] {
        guard !writes.isEmpty else { return [] }
        let batch = (cause.map { [.audit($0)] } ?? []) + writes
        return try await publishing { () async throws(StorageError) in
            try await store.commit(batch, tailnet: tailnet)
        }
    }

    /// Who makes the changes of the request, or of the work, in hand.
    private var auditCause: AuditCause {
        let origin = RequestOrigin.current
        return AuditCause(
            date: dependencies.now(),
            actor: origin?.actor ?? Self.ownName,
            source: origin?.source,
            action: AuditAction.current
        )
    }

    /// The actor of what the registry does by itself.
    private static let ownName = "server"

    /// Hands over to the publisher what `write` changed.
    func publishing(
        _ write: () async throws(StorageError) -> [RegistryChange]
    ) async throws(StorageError) -> [RegistryChange] {
        let ticket = publisher.begin()
        do {
            let changes = try await write()
            publisher.end(ticket, changes)
            metrics.commits.increment()
            metrics.changes.increment(by: changes.count)
            return changes
        } catch {
            publisher.end(ticket, [])
            throw error
        }
    }
}

extension Registry {
    /// Answers one kind of request as a child of `group`.
    func serve<Request: BusRequest>(
        _ type: Request.Type,
        in group: inout ThrowingTaskGroup<Void, any Error>,
        _ handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) {
        group.addTask {
            try await self.dependencies.bus.serve(type, tailnet: self.tailnet) { request in
                do {
                    return try await AuditAction.$current.withValue(Request.subject) { try await handler(request) }
                } catch let failure as RequestFailure {
                    throw failure
                } catch {
                    throw self.failure(for: error, subject: Request.subject)
                }
            }
        }
    }

    private func failure(for error: any Error, subject: String) -> RequestFailure {
        switch error {
        case StorageError.unavailable:
            logger.warning("the database does not answer", metadata: [LogKey.error: "\(error)"])
            return RequestFailure(.unavailable, "the database does not answer, try again")
        case StorageError.cancelled, is CancellationError:
            return RequestFailure(.unavailable, "the registry is stopping, try again")
        case StorageError.conflict:
            return RequestFailure(.conflict, "somebody else wrote first, try again")
        default:
            logger.error("a request failed", metadata: [LogKey.subject: "\(subject)", LogKey.error: "\(error)"])
            return .internalError
        }
    }
}
