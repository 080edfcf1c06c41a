import CoreMetrics
import Metrics

/// Every metric of the registry.
struct RegistryMetrics: Sendable {
    let commits = Counter(label: "registry_commits_total")
    let changes = Counter(label: "registry_changes_total")
    let conflicts = Counter(label: "registry_conflicts_total")
    let publishFailures = Counter(label: "registry_publish_failures_total")
    let statusReports = Counter(label: "registry_status_reports_total")
    let statusWriteFailures = Counter(label: "registry_status_write_failures_total")
    let ephemeralRemovals = Counter(label: "registry_ephemeral_removals_total")
    let attributesEnded = Counter(label: "registry_attributes_ended_total")
    let presenceInterruptions = Counter(label: "registry_presence_interruptions_total")
    let wentOnline = Counter(label: "registry_presence_changes_total", dimensions: [("to", "online")])
    let wentOffline = Counter(label: "registry_presence_changes_total", dimensions: [("to", "offline")])
    let loginsBegun = Counter(label: "registry_logins_total", dimensions: [("outcome", "begun")])
    let loginsApproved = Counter(label: "registry_logins_total", dimensions: [("outcome", "approved")])
    let loginsRejected = Counter(label: "registry_logins_total", dimensions: [("outcome", "rejected")])
    let loginsLimited = Counter(label: "registry_logins_total", dimensions: [("outcome", "limited")])
    let sshBegun = Counter(label: "registry_ssh_checks_total", dimensions: [("outcome", "begun")])
    let sshConfirmed = Counter(label: "registry_ssh_checks_total", dimensions: [("outcome", "confirmed")])
    let sshRemembered = Counter(label: "registry_ssh_checks_total", dimensions: [("outcome", "remembered")])
    let tokensIssued = Counter(label: "registry_id_tokens_total")
    private let registrations = Dictionary(
        uniqueKeysWithValues: RegistrationOutcome.allCases.map { outcome in
            (outcome, Counter(label: "registry_registrations_total", dimensions: [("outcome", outcome.rawValue)]))
        }
    )

    enum RegistrationOutcome: String, CaseIterable {
        case registered
        case keyExpired = "key_expired"
        case loggedOut = "logged_out"
        case loginRequired = "login_required"
        case refused
    }

    func registration(_ outcome: RegistrationOutcome) {
        registrations[outcome]?.increment()
    }
}
