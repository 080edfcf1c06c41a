import GRDB

/// Why a database file cannot be used; stops the start.
public enum SQLiteOpenError: Error, CustomStringConvertible {
    /// The file or its directory cannot be read, written or created.
    case inaccessible(path: String, cause: any Error)
    /// Another program holds a lock on it.
    case locked(path: String)
    /// It is something else, or damaged.
    case notADatabase(path: String)
    /// It is a SQLite database, but not of this program.
    case foreign(path: String)
    /// A later release wrote it.
    case newerSchema(path: String, found: Int, known: Int)
    /// A step of the schema did not go through; the file is at the number before it.
    case migrationFailed(path: String, cause: any Error)

    public var description: String {
        switch self {
        case .inaccessible(let path, let cause):
            "cannot open the database \(path): \(cause); check that its directory exists and is writable"
        case .locked(let path):
            "the database \(path) is locked by another program; stop that one first"
        case .notADatabase(let path):
            "\(path) is not a database, or is damaged; move it away or restore a backup"
        case .foreign(let path):
            "\(path) is a database of another program; configure another path"
        case .newerSchema(let path, let found, let known):
            "the database \(path) was written by a later release (schema \(found), this one knows \(known)); "
                + "run that release or restore a backup"
        case .migrationFailed(let path, let cause):
            "the database \(path) could not be brought to the schema of this release: \(cause)"
        }
    }

    init(opening path: String, _ error: any Error) {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY?, .SQLITE_LOCKED?: self = .locked(path: path)
        case .SQLITE_NOTADB?, .SQLITE_CORRUPT?: self = .notADatabase(path: path)
        default: self = .inaccessible(path: path, cause: error)
        }
    }
}
