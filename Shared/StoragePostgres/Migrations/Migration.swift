/// One step of the schema; numbered from 1 without gaps, never edited once released.
struct Migration: Sendable {
    let number: Int
    let sql: String

    /// All steps, oldest first.
    static let all: [Migration] = [
        .m0001Registry, .m0002Presence, .m0003Policies, .m0004Logins, .m0005Audit,
        .m0006Approval, .m0007Routing, .m0008SSHChecks, .m0009PolicySource,
        .m0010Posture,
    ]
}
