import Synchronization

/// Whether the relay has begun: it is unknown to clients until it announces itself.
final class DERPReadiness: Sendable {
    private let isBegun = Atomic(false)

    func begin() {
        isBegun.store(true, ordering: .relaxed)
    }

    var hasBegun: Bool { isBegun.load(ordering: .relaxed) }
}
