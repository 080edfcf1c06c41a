import Bus
import ControlModel
import Foundation
import Keys
import Logging
import ServiceKit
import Synchronization

/// Decides which clients may use the relay: known, approved, unexpired nodes.
///
/// A node in the copy comes in at once; about any other the registry is asked. While it does not answer, the copy decides.
final class DERPAdmission: Sendable {
    /// A client waits for an answer.
    private struct Question: Sendable {
        let key: NodePublicKey
        let answer: @Sendable (Bool) -> Void
    }

    let known = Mutex(KnownNodes())
    let bus: any Bus
    let tailnet: TailnetID
    let limits: DERPRelayLimits
    let logger: Logger
    let now: @Sendable () -> Date
    private let isVerifying: Bool
    private let questions: AsyncStream<Question>
    private let asked: AsyncStream<Question>.Continuation

    /// - Parameter isVerifying: `false` lets everybody in.
    init(
        isVerifying: Bool,
        bus: any Bus,
        tailnet: TailnetID,
        limits: DERPRelayLimits,
        logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.isVerifying = isVerifying
        self.bus = bus
        self.tailnet = tailnet
        self.limits = limits
        self.logger = logger
        self.now = now
        (questions, asked) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.waitingLookups))
    }

    /// Answers at once where the copy says yes, else after asking the registry; with a full queue the answer is no.
    func ask(_ key: NodePublicKey, answer: @escaping @Sendable (Bool) -> Void) {
        guard isVerifying else { return answer(true) }
        guard known.withLock({ $0.verdict(key, at: now()) }) != .known else { return answer(true) }
        switch asked.yield(Question(key: key, answer: answer)) {
        case .enqueued: break
        case .dropped, .terminated: answer(false)
        @unknown default: answer(false)
        }
    }

    /// Of the connected keys, those that may no longer be.
    func revoked(among connected: [NodePublicKey]) -> [NodePublicKey] {
        guard isVerifying else { return [] }
        return known.withLock { $0.revoked(among: connected, at: now()) }
    }

    /// Asks the registry about waiting clients, until the calling task is cancelled.
    func answerQuestions() async {
        await withDiscardingTaskGroup { group in
            let slots = AsyncStream<Void>.makeStream()
            for _ in 0..<limits.concurrentLookups { slots.continuation.yield() }
            var free = slots.stream.makeAsyncIterator()
            for await question in questions {
                guard await free.next() != nil else { break }
                group.addTask {
                    question.answer(await self.lookUp(question.key))
                    slots.continuation.yield()
                }
            }
        }
    }

    private func lookUp(_ key: NodePublicKey) async -> Bool {
        do {
            let response = try await bus.request(
                LookupNode(nodeKey: key),
                tailnet: tailnet,
                timeout: limits.lookupTimeout
            )
            guard let node = response.node, node.nodeKey == key else { return false }
            known.withLock { $0.learn(node) }
            return node.isApproved && !node.isExpired(at: now())
        } catch {
            logger.warning(
                "registry does not answer, admission goes by the copy",
                metadata: [LogKey.error: "\(error)", LogKey.key: "\(key.short)"]
            )
            return known.withLock { $0.verdict(key, at: now()) } == .known
        }
    }
}
