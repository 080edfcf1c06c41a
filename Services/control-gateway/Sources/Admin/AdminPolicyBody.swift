import ControlModel

/// A policy as the admin API writes it.
struct AdminPolicyBody: Encodable, Sendable {
    var policy: String
    var updatedAt: String
    var revision: Int
    var author: String
    /// Empty where there is none.
    var source: String
    var note: String

    init(_ policy: PolicyRevision) {
        self.policy = policy.text
        updatedAt = AdminTime.text(policy.createdAt)
        revision = policy.revision
        author = policy.author
        source = policy.source
        note = policy.note
    }
}

/// A policy in a list.
struct AdminPolicySummaryBody: Encodable, Sendable {
    var revision: Int
    var updatedAt: String
    var author: String
    /// Empty where there is none.
    var source: String
    var note: String
    /// Of the policy, in bytes.
    var length: Int

    init(_ summary: PolicyRevision.Summary) {
        revision = summary.revision
        updatedAt = AdminTime.text(summary.createdAt)
        author = summary.author
        source = summary.source
        note = summary.note
        length = summary.length
    }
}
