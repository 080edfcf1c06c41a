import Synchronization

/// Which of the gateway's copies are there.
final class GatewayReadiness: Sendable {
    enum Part: CaseIterable {
        case registry, policy, dns
    }

    private let missing = Mutex(Set(Part.allCases))

    func done(_ part: Part) {
        missing.withLock { _ = $0.remove(part) }
    }

    var isReady: Bool { missing.withLock { $0.isEmpty } }
}
