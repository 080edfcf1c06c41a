import Bus
import ControlModel
import Logging
import PolicyLanguage
import ServiceKit
import Storage

/// What the service answers.
struct PolicyHandlers: Sendable {
    /// Revisions that come in one answer.
    private static let pageLimit = 100

    private let keeper: PolicyKeeper
    private let network: LiveNetwork
    private let configuration: PolicyService.Configuration
    private let dependencies: PolicyService.Dependencies

    init(
        keeper: PolicyKeeper,
        network: LiveNetwork,
        _ configuration: PolicyService.Configuration,
        _ dependencies: PolicyService.Dependencies
    ) {
        self.keeper = keeper
        self.network = network
        self.configuration = configuration
        self.dependencies = dependencies
    }

    func serve(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(FetchPolicy.self, in: &group) { _ in await self.keeper.published }
        serve(GetPolicy.self, in: &group) { try await self.get($0) }
        serve(SetPolicy.self, in: &group) { request in
            try await self.requireDatabase()
            return try await self.keeper.put(
                request.text,
                author: request.author,
                note: request.note,
                expected: request.expected
            )
        }
        serve(RollBackPolicy.self, in: &group) { try await self.rollBack($0) }
        serve(CheckPolicy.self, in: &group) { request in
            let errors = try await self.network.faults(of: request.text)
            return .init(
                faults: (errors?.faults ?? []).map(PolicyFaultReport.init),
                omitted: errors?.omitted ?? 0
            )
        }
        serve(ListPolicyRevisions.self, in: &group) { request in
            let limit = min(max(request.limit, 1), Self.pageLimit)
            return try await self.reading { () async throws(StorageError) in
                try await self.dependencies.store.policyHistory(
                    before: request.before,
                    limit: limit,
                    tailnet: self.configuration.tailnet
                )
            }
        }
        serve(ExplainAccess.self, in: &group) { request in
            try await self.network.explain(request, under: await self.keeper.inForce)
        }
        serve(CheckTags.self, in: &group) { request in
            try await self.network.check(request, under: await self.keeper.inForce)
        }
        serve(ComparePolicies.self, in: &group) { request in
            try await self.network.difference(
                from: try await self.text(of: request.before),
                to: try await self.text(of: request.after)
            )
        }
    }

    private func get(_ request: GetPolicy) async throws -> GetPolicy.Response {
        var policy = await keeper.inForce
        if let revision = request.revision, revision != policy?.revision { policy = try await stored(revision) }
        return .init(policy: policy, file: configuration.source.path, fault: await keeper.fault)
    }

    private func rollBack(_ request: RollBackPolicy) async throws -> PolicyVerdict {
        try await requireDatabase()
        let old = try await stored(request.revision)
        let note = request.note.isEmpty ? "back to revision \(old.revision)" : request.note
        return try await keeper.put(old.text, author: request.author, note: note, expected: nil)
    }

    private func requireDatabase() async throws {
        guard let path = configuration.source.path else { return }
        throw RequestFailure(
            .invalid,
            "policies come from the file \(path) (policy.mode is file): change that file, or set policy.mode to database"
        )
    }

    private func text(of source: ComparePolicies.Source) async throws -> String {
        if let text = source.text { return text }
        let inForce = await keeper.inForce
        guard let revision = source.revision, revision != inForce?.revision else { return inForce?.text ?? "" }
        return try await stored(revision).text
    }

    private func stored(_ revision: Int) async throws -> PolicyRevision {
        let found = try await reading { () async throws(StorageError) in
            try await self.dependencies.store.policy(revision, tailnet: self.configuration.tailnet)
        }
        guard let found else {
            throw RequestFailure(
                .notFound,
                "there is no revision \(revision); list them with: swiftscale policy history"
            )
        }
        return found
    }

    private func reading<Value>(_ body: () async throws(StorageError) -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            dependencies.logger.warning("policies cannot be read", metadata: [LogKey.error: "\(error)"])
            throw RequestFailure(.unavailable, "the database does not answer; try again in a moment")
        }
    }

    private func serve<Request: BusRequest>(
        _ type: Request.Type,
        in group: inout ThrowingTaskGroup<Void, any Error>,
        handler: @escaping @Sendable (Request) async throws -> Request.Response
    ) {
        let (bus, tailnet, logger) = (dependencies.bus, configuration.tailnet, dependencies.logger)
        group.addTask {
            do {
                try await bus.serve(type, tailnet: tailnet, handler: handler)
            } catch BusError.cancelled {
                logger.debug("requests ended", metadata: [LogKey.subject: "\(Request.subject)"])
            }
        }
    }
}
