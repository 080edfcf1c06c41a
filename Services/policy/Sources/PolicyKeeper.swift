import Bus
import ControlModel
import CoreMetrics
import Logging
import PolicyLanguage
import ServiceKit
import Storage

/// Holds the policy in force: finds it at start, replaces it when a better one is accepted, tells everybody.
///
/// The store is written first, then the policy is in force, then it is told. What cannot be put in force leaves the last good
/// one where it is, and is reported.
actor PolicyKeeper {
    /// `nil`: there never was a policy, everybody may reach everything.
    private(set) var inForce: PolicyRevision?
    /// Why something newer is not in force.
    private(set) var fault: String?
    /// The newest revision that is known to be stored.
    private var newest = 0

    private let configuration: PolicyService.Configuration
    private let dependencies: PolicyService.Dependencies
    private let network: LiveNetwork
    private let metrics = PolicyMetrics()
    private var logger: Logger { dependencies.logger }

    init(
        _ configuration: PolicyService.Configuration,
        _ dependencies: PolicyService.Dependencies,
        network: LiveNetwork
    ) {
        self.configuration = configuration
        self.dependencies = dependencies
        self.network = network
    }

    var published: PolicyPublished {
        PolicyPublished(revision: inForce?.revision ?? 0, text: inForce?.text)
    }

    /// Finds the policy to begin with; nobody gets an answer before.
    func start() async throws {
        try await Retry.untilDone(logger, "stored policies", clock: dependencies.clock) { try await self.readStore() }
        if let path = configuration.source.path, inForce == nil {
            try await startWithFile(PolicyFile(path: path))
        }
        await publish()
    }

    /// With nothing stored, only a file that is accepted lets the service start: a policy was asked for.
    private func startWithFile(_ file: PolicyFile) async throws {
        do {
            let text = try file.text()
            _ = try PolicyDocument.parse(text)
            try await networkIsKnown()
            let verdict = try await put(text, author: "file \(file.path)", note: "", expected: nil)
            guard verdict.policy == nil else { return }
            throw refusal(file, verdict.faults.map(\.message).joined(separator: "\n"))
        } catch let error as PolicyFile.Fault {
            throw refusal(file, error.message)
        } catch let error as PolicyErrors {
            throw refusal(file, error.description)
        }
    }

    private func refusal(_ file: PolicyFile, _ faults: String) -> PolicyServiceError {
        .fileRefused(path: file.path, faults: faults)
    }

    /// Reads the file, and puts it in force when it says something else and is accepted.
    func load(_ file: PolicyFile) async {
        do {
            let text = try file.text()
            guard text != inForce?.text else { return report(nil) }
            _ = try PolicyDocument.parse(text)
            try await networkIsKnown()
            let verdict = try await put(text, author: "file \(file.path)", note: "", expected: nil)
            report(verdict.policy == nil ? Self.told(verdict) : nil, of: file)
        } catch is CancellationError {
            return
        } catch {
            report("\(error)", of: file)
        }
    }

    /// Checks a policy, stores it and puts it in force.
    ///
    /// - Throws: `RequestFailure` when `expected` is not the newest revision, or something needed is away.
    func put(_ text: String, author: String, note: String, expected: Int?) async throws -> PolicyVerdict {
        for (what, words) in [("author", author), ("note", note)]
        where words.utf8.count > PolicyRevision.wordsLimit {
            throw RequestFailure(.invalid, "the \(what) is longer than \(PolicyRevision.wordsLimit) bytes")
        }
        if let errors = try await network.faults(of: text) {
            metrics.write(isAccepted: false)
            return PolicyVerdict(refused: errors)
        }
        // Others may write at the same time; each round, somebody gets through.
        for _ in 0..<Self.attempts {
            let current = try await stored()
            let number = current?.revision ?? 0
            guard expected == nil || expected == number else {
                throw RequestFailure(
                    .conflict,
                    "revision \(number) is there by now, and \(expected ?? 0) was expected: look at it and set yours again"
                )
            }
            if let current, current.text == text {
                await force(current)
                return PolicyVerdict(policy: current)
            }
            let policy = PolicyRevision(
                revision: number + 1,
                text: text,
                author: author,
                source: RequestOrigin.current?.source ?? "",
                note: note,
                createdAt: dependencies.now()
            )
            do {
                try await dependencies.store.appendPolicy(policy, tailnet: configuration.tailnet)
            } catch StorageError.conflict {
                continue
            } catch {
                throw unavailable(error)
            }
            metrics.write(isAccepted: true)
            await force(policy)
            return PolicyVerdict(policy: policy)
        }
        throw RequestFailure(.conflict, "others write policies at the same time; try again")
    }

    /// As each refused attempt is somebody else's write, so many may write at once.
    private static let attempts = 32

    /// Looks at what others published.
    func followOthers() async throws {
        do {
            let events = try await dependencies.bus.events(PolicyPublished.self, tailnet: configuration.tailnet)
            for await event in events where event.revision > newest { await refresh() }
        } catch BusError.cancelled {
            logger.debug("policies of others are no longer followed")
        }
    }

    /// Says again what is in force, for those who did not hear it, and looks for what was not heard here.
    func repeatItself() async {
        while (try? await dependencies.clock.sleep(for: configuration.repetition)) != nil {
            await refresh()
            await publish()
        }
    }

    private func refresh() async {
        do {
            try await readStore()
        } catch {
            logger.warning("stored policies cannot be read", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Puts the newest stored policy in force; where that is invalid, the newest valid one, unless one is in force.
    private func readStore() async throws {
        guard let current = try await dependencies.store.currentPolicy(tailnet: configuration.tailnet),
            current.revision > newest
        else { return }
        do {
            _ = try PolicyDocument.parse(current.text)
            await force(current)
        } catch {
            newest = max(newest, current.revision)
            report("the stored revision \(current.revision) is invalid:\n\(error)")
            guard inForce == nil else { return }
            let good = try await lastGood(before: current.revision)
            // Somebody wanted rules, so nothing is allowed until they are mended.
            inForce = good ?? Self.denial(current)
        }
    }

    private static func denial(_ invalid: PolicyRevision) -> PolicyRevision {
        PolicyRevision(
            revision: invalid.revision,
            text: #"{"grants": []}"#,
            author: "swiftscale",
            note: "no stored policy is valid",
            createdAt: invalid.createdAt
        )
    }

    private func lastGood(before revision: Int) async throws -> PolicyRevision? {
        let (store, tailnet) = (dependencies.store, configuration.tailnet)
        let history = try await store.policyHistory(
            before: revision,
            limit: PolicyRevision.keptLimit,
            tailnet: tailnet
        )
        for summary in history {
            guard let policy = try await store.policy(summary.revision, tailnet: tailnet) else { continue }
            if (try? PolicyDocument.parse(policy.text)) != nil { return policy }
        }
        return nil
    }

    private func force(_ policy: PolicyRevision) async {
        guard policy.revision > newest || inForce == nil else { return }
        newest = max(newest, policy.revision)
        inForce = policy
        network.policyChanged()
        report(nil)
        await publish()
    }

    private func publish() async {
        let policy = published
        metrics.revision.record(policy.revision)
        do {
            try await dependencies.bus.publish(policy, tailnet: configuration.tailnet)
            logger.debug("policy published", metadata: [LogKey.version: "\(policy.revision)"])
        } catch BusError.cancelled {
            logger.debug("policy was not published: stopped before")
        } catch {
            metrics.publishFailures.increment()
            logger.warning("policy was not published", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func report(_ fault: String?, of file: PolicyFile? = nil) {
        let told = fault.map { fault in file.map { "\($0.path): \(fault)" } ?? fault }
        metrics.fault.record(told == nil ? 0 : 1)
        guard told != self.fault else { return }
        self.fault = told
        guard let told else { return }
        logger.error("a policy is refused, the last good one stays", metadata: [LogKey.reason: "\(told)"])
    }

    private func stored() async throws -> PolicyRevision? {
        do {
            return try await dependencies.store.currentPolicy(tailnet: configuration.tailnet)
        } catch {
            throw unavailable(error)
        }
    }

    private func unavailable(_ error: StorageError) -> RequestFailure {
        logger.warning("policies cannot be stored or read", metadata: [LogKey.error: "\(error)"])
        return RequestFailure(.unavailable, "the database does not answer; nothing was changed; try again in a moment")
    }

    private static func told(_ verdict: PolicyVerdict) -> String {
        verdict.faults.map { "line \($0.line), column \($0.column): \($0.message)" }.joined(separator: "\n")
    }

    private func networkIsKnown() async throws {
        while await !network.isComplete { try await dependencies.clock.sleep(for: .milliseconds(20)) }
    }
}
