import Synchronization

/// Whether a policy to serve was found.
final class PolicyReadiness: Sendable {
    private let isDone = Mutex(false)

    func done() {
        isDone.withLock { $0 = true }
    }

    var isReady: Bool { isDone.withLock { $0 } }
}
