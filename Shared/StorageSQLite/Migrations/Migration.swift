import GRDB

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

    /// What `PRAGMA application_id` says of files of this program: "swsc".
    static let applicationID: Int32 = 0x7377_7363

    /// Brings the schema from whatever number it has to `target`, each step in a transaction of its own.
    static func run(in database: Database, through target: Int = all.count) throws {
        let applied = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        for migration in all where migration.number > applied && migration.number <= target {
            try database.inTransaction(.exclusive) {
                try database.execute(sql: migration.sql)
                try database.execute(sql: "PRAGMA user_version = \(migration.number)")
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                return .commit
            }
        }
    }
}
