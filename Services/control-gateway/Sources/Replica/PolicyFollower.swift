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
        let events = try await bus.events(PolicyPublished.self, tailnet: tailnet)
        var revision = 0
        try await Retry.untilDone(logger, "policy") {
            let current = try await bus.request(FetchPolicy(), tailnet: tailnet)
            revision = current.revision
            if await !take(current) { await engine.set(policy: .denyAll) }
        }
        ready()
        for await event in events where event.revision > revision {
            revision = event.revision
            _ = await take(event)
        }
    }

    /// Puts a policy in force; returns whether it can be read.
    private func take(_ policy: PolicyPublished) async -> Bool {
        do {
            let document = try policy.text.map { text throws(PolicyErrors) in try PolicyDocument.parse(text) }
            await engine.set(policy: document)
            logger.notice("policy in force", metadata: [LogKey.version: "\(policy.revision)"])
            return true
        } catch {
            ControlGatewayMetrics.policyRefused()
            logger.error(
                "policy cannot be read, the last good one stays in force",
                metadata: [LogKey.version: "\(policy.revision)", LogKey.error: "\(error)"]
            )
            return false
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
