import CoreMetrics
import Metrics

/// Every metric of the policy service.
struct PolicyMetrics: Sendable {
    let revision = Gauge(label: "policy_revision_number")
    /// 1 while something newer than what is in force is refused.
    let fault = Gauge(label: "policy_fault_status")
    let publishFailures = Counter(label: "policy_publish_failures_total")
    private let accepted = Counter(label: "policy_writes_total", dimensions: [("outcome", "accepted")])
    private let refused = Counter(label: "policy_writes_total", dimensions: [("outcome", "refused")])

    func write(isAccepted: Bool) {
        (isAccepted ? accepted : refused).increment()
    }
}
