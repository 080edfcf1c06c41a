/// Why a database cannot be used; the `cause` of the ``StorageError/unavailable(cause:)`` that opening throws.
public enum PostgresOpenError: Error, CustomStringConvertible {
    /// The server does not let this user in, or does not know the database.
    case refused(database: String, reason: String)
    /// The server cannot be reached, or its certificate is not what was asked for.
    case unreachable(database: String, reason: String)
    /// It keeps text in another encoding than UTF-8.
    case encoding(database: String, found: String)
    /// It holds tables of another program.
    case foreign(database: String)
    /// A later release wrote it.
    case newerSchema(database: String, found: Int, known: Int)
    /// A step of the schema did not go through; the database is at the number before it.
    case migrationFailed(database: String, cause: any Error)

    /// Whether waiting does not help: somebody must change something.
    public var isPermanent: Bool {
        switch self {
        case .unreachable: false
        case .refused, .encoding, .foreign, .newerSchema, .migrationFailed: true
        }
    }

    public var description: String {
        switch self {
        case .refused(let database, let reason):
            "the database \(database) refuses this user: \(reason); check user, password and database name"
        case .unreachable(let database, let reason):
            "cannot reach the database \(database): \(reason)"
        case .encoding(let database, let found):
            "the database \(database) is encoded in \(found); create one with: CREATE DATABASE ... ENCODING 'UTF8'"
        case .foreign(let database):
            "the database \(database) holds tables of another program; give swiftscale one of its own"
        case .newerSchema(let database, let found, let known):
            "the database \(database) was written by a later release (schema \(found), this one knows \(known)); "
                + "run that release or restore a backup"
        case .migrationFailed(let database, let cause):
            "the database \(database) could not be brought to the schema of this release: \(cause)"
        }
    }

    init(connecting database: String, _ fault: any Error) {
        let reason = "\(fault)"
        // libpq tells what a server says while it connects as text only.
        let refusals = ["authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied"]
        self =
            refusals.contains(where: reason.contains)
            ? .refused(database: database, reason: reason) : .unreachable(database: database, reason: reason)
    }
}
