/// What the server keeps on disk, and where.
struct DataSettings: Hashable, Sendable {
    static let directory = ConfigurationKey("data_dir")
    static let noiseKey = ConfigurationKey("noise.private_key_path")
    static let socket = ConfigurationKey("unix_socket")
    static let masterKey = ConfigurationKey("master_key", isSecret: true)
    static let masterKeyPath = ConfigurationKey("master_key_path")
    static let keys = [directory, noiseKey, socket, masterKey, masterKeyPath]

    /// Longest path of a Unix socket that the system takes, in bytes.
    static let socketPathLimit = 107

    var directory: String
    var noiseKeyPath: String
    var socketPath: String
    /// Seals what must not be readable in the database.
    var masterKey: Secret

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        let root =
            reader.text(Self.directory).map { paths.resolve($0, for: Self.directory) }
            ?? Self.defaultDirectory(paths.surroundings)
        directory = root
        noiseKeyPath =
            reader.text(Self.noiseKey).map { paths.resolve($0, for: Self.noiseKey) }
            ?? root + "/noise_private.key"
        masterKey =
            reader.secret(Self.masterKey, orIn: Self.masterKeyPath, paths: paths) ?? .file(path: root + "/master.key")
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
