/// What the server keeps on disk, and where.
struct DataSettings: Hashable, Sendable {
    static let directory = ConfigurationKey("data_dir")
    static let databaseType = ConfigurationKey("database.type")
    static let database = ConfigurationKey("database.sqlite.path")
    static let noiseKey = ConfigurationKey("noise.private_key_path")
    static let socket = ConfigurationKey("unix_socket")
    static let keys = [directory, databaseType, database, noiseKey, socket]

    /// Longest path of a Unix socket that the system takes, in bytes.
    static let socketPathLimit = 107

    var directory: String
    var databasePath: String
    var noiseKeyPath: String
    var socketPath: String

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        let root =
            reader.text(Self.directory).map { paths.resolve($0, for: Self.directory) }
            ?? Self.defaultDirectory(paths.surroundings)
        directory = root
        _ = reader.value(
            Self.databaseType,
            or: "sqlite",
            expecting: "sqlite; postgres is not supported by this server yet"
        ) { ["sqlite", "sqlite3"].contains($0) ? $0 : nil }
        databasePath = reader.text(Self.database).map { paths.resolve($0, for: Self.database) } ?? root + "/db.sqlite"
        noiseKeyPath =
            reader.text(Self.noiseKey).map { paths.resolve($0, for: Self.noiseKey) }
            ?? root + "/noise_private.key"
        socketPath = reader.text(Self.socket).map { paths.resolve($0, for: Self.socket) } ?? root + "/swiftscale.sock"
        if socketPath.utf8.count > Self.socketPathLimit {
            reader.refuse(
                Self.socket,
                value: socketPath,
                expecting: "a path of at most \(Self.socketPathLimit) bytes: set a shorter one"
            )
        }
    }

    /// Where the self-signed certificate is kept when none is configured.
    var certificateDirectory: String { directory + "/tls" }

    /// The system's place for root, the user's own place for others.
    static func defaultDirectory(_ surroundings: Surroundings) -> String {
        surroundings.isRoot ? "/var/lib/swiftscale" : surroundings.homeDirectory + "/.local/share/swiftscale"
    }
}
