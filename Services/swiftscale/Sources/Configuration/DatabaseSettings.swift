import IPAddresses

/// Where what is owned is kept.
struct DatabaseSettings: Hashable, Sendable {
    static let type = ConfigurationKey("database.type")
    static let sqlitePath = ConfigurationKey("database.sqlite.path")
    static let host = ConfigurationKey("database.postgres.host")
    static let port = ConfigurationKey("database.postgres.port")
    static let name = ConfigurationKey("database.postgres.name")
    static let user = ConfigurationKey("database.postgres.user")
    static let password = ConfigurationKey("database.postgres.pass", isSecret: true)
    static let passwordPath = ConfigurationKey("database.postgres.pass_path")
    static let ssl = ConfigurationKey("database.postgres.ssl")
    static let authority = ConfigurationKey("database.postgres.ca_path")
    static let connections = ConfigurationKey("database.postgres.max_open_conns")
    static let postgresKeys = [host, port, name, user, password, passwordPath, ssl, authority, connections]
    static let keys = [type, sqlitePath] + postgresKeys

    enum Kind: Hashable, Sendable {
        case sqlite
        case postgres
    }

    /// How a connection to PostgreSQL is protected.
    enum Protection: Hashable, Sendable {
        case off
        case encrypted
        /// And the server's certificate is checked, its name too.
        case verified
    }

    struct Postgres: Hashable, Sendable {
        /// A name, an address, or the folder of a local socket.
        var host: String
        var port: Int
        var name: String
        var user: String
        /// `nil`: the server asks for none.
        var password: Secret?
        var protection: Protection
        /// `nil`: the system's authorities.
        var authorityPath: String?
        var connections: Int

        /// Whether what is said to the server stays on this machine.
        var isLocal: Bool {
            host.hasPrefix("/") || host == "localhost" || host == "::1"
                || IPv4Address(host).map { "\($0)".hasPrefix("127.") } ?? false
        }
    }

    var kind: Kind
    var sqlitePath: String
    var postgres: Postgres
    let notes: [ConfigurationNote]

    init(_ reader: inout SettingsReader, paths: SettingsPaths, data: DataSettings) {
        kind = reader.value(Self.type, or: .sqlite, expecting: "sqlite or postgres") { text in
            switch text {
            case "sqlite", "sqlite3": .sqlite
            case "postgres": .postgres
            default: nil
            }
        }
        sqlitePath =
            reader.text(Self.sqlitePath).map { paths.resolve($0, for: Self.sqlitePath) } ?? data.directory
            + "/db.sqlite"
        postgres = Postgres(
            host: reader.text(Self.host) ?? "localhost",
            port: reader.integer(Self.port, or: 5432, in: 1...65_535),
            name: reader.text(Self.name) ?? "swiftscale",
            user: reader.text(Self.user) ?? "swiftscale",
            password: reader.secret(Self.password, orIn: Self.passwordPath, paths: paths),
            protection: Self.protection(&reader),
            authorityPath: reader.text(Self.authority).map { paths.resolve($0, for: Self.authority) },
            connections: reader.integer(Self.connections, or: 10, in: 1...1000)
        )
        if postgres.authorityPath != nil, postgres.protection != .verified {
            reader.refuse(
                Self.authority,
                value: nil,
                expecting: "database.postgres.ssl to be verify-full, which checks it"
            )
        }
        let given = Self.postgresKeys.filter { reader.sources.isGiven($0) }.map(\.name)
        notes = Self.notes(kind, postgres, given: given)
    }

    private static func protection(_ reader: inout SettingsReader) -> Protection {
        reader.value(ssl, or: .off, expecting: "false, true, disable, require or verify-full") { text in
            switch text.lowercased() {
            case "false", "disable", "off", "no", "0": .off
            case "true", "require", "on", "yes", "1": .encrypted
            case "verify-full": .verified
            default: nil
            }
        }
    }

    private static func notes(_ kind: Kind, _ postgres: Postgres, given: [String]) -> [ConfigurationNote] {
        switch kind {
        case .sqlite where !given.isEmpty:
            let text = "without effect, as database.type is not postgres: " + given.joined(separator: ", ")
            return [ConfigurationNote(weight: .warning, text: text)]
        case .postgres where postgres.protection == .off && !postgres.isLocal:
            let text = "what is said to the database at \(postgres.host) is not encrypted: set database.postgres.ssl"
            return [ConfigurationNote(weight: .warning, text: text)]
        case .sqlite, .postgres:
            return []
        }
    }
}
