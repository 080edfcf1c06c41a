import Bus
import ControlModel
import Logging
import PolicyLanguage
import ServiceKit

/// Keeps the policy in force in step with the policy service.
///
/// A text that cannot be read never replaces a policy that can: the last good one stays. Where there never was one, nobody may
/// reach anybody until there is.
struct PolicyFollower {
    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let logger: Logger

    /// Follows until cancelled; calls `ready` once, when the first policy is in force.
    func run(ready: () -> Void) async throws {
        let gate = PolicyGate(engine: engine, logger: logger)
        let follower = LevelFollower<PolicyPublished>(
            bus: bus,
            tailnet: tailnet,
            subject: "policy",
            logger: logger,
            fetch: { try await bus.request(FetchPolicy(), tailnet: tailnet) },
            revision: { $0.revision },
            take: { await gate.take($0) }
        )
        try await follower.run(ready: ready)
    }
}

/// Puts in force what can be read.
private actor PolicyGate {
    private let engine: NetmapEngine
    private let logger: Logger
    private var hasPolicy = false

    init(engine: NetmapEngine, logger: Logger) {
        self.engine = engine
        self.logger = logger
    }

    func take(_ policy: PolicyPublished) async {
        do {
            let document = try policy.text.map { text throws(PolicyErrors) in try PolicyDocument.parse(text) }
            await engine.set(policy: document)
            hasPolicy = true
            logger.notice("policy in force", metadata: [LogKey.version: "\(policy.revision)"])
        } catch {
            ControlGatewayMetrics.policyRefused()
            logger.error(
                "policy cannot be read, the last good one stays in force",
                metadata: [LogKey.version: "\(policy.revision)", LogKey.error: "\(error)"]
            )
            if !hasPolicy { await engine.set(policy: .denyAll) }
        }
    }
}

extension PolicyDocument {
    /// Nobody may reach anybody.
    fileprivate static var denyAll: PolicyDocument {
        var document = PolicyDocument()
        document.hasRules = true
        return document
    }
}
