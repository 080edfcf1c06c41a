extension PostgresStore {
    /// Where the database is, and as whom to log in.
    public struct Configuration: Sendable {
        /// A name, an address, or the directory of a Unix socket.
        public var host: String
        public var port: Int
        public var database: String
        public var user: String
        /// `nil` where the server asks for none.
        public var password: String?
        public var tls: TLS
        /// Most connections open at once.
        public var connections: Int

        /// How the connection is protected.
        public enum TLS: Hashable, Sendable {
            case off
            /// Encrypted; whose certificate it is does not matter.
            case required
            /// The certificate must be of the host's name and of these authorities; `nil`: those the system trusts.
            case verified(caFile: String?)
        }

        public init(
            host: String,
            port: Int = 5432,
            database: String,
            user: String,
            password: String? = nil,
            tls: TLS = .off,
            connections: Int = 8
        ) {
            self.host = host
            self.port = port
            self.database = database
            self.user = user
            self.password = password
            self.tls = tls
            self.connections = connections
        }
    }
}

extension PostgresStore.Configuration: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the password.
    public var description: String { "\(user)@\(host):\(port)/\(database)" }
    public var debugDescription: String { description }
}

extension PostgresStore.Configuration {
    /// Where Debian and its descendants keep the authorities that the system trusts.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// What libpq is told, by its own names.
    func parameters(_ limits: PostgresLimits) -> [(name: String, value: String)] {
        var list: [(name: String, value: String)] = [
            ("host", host), ("port", "\(port)"), ("dbname", database), ("user", user), ("password", password ?? ""),
            ("application_name", "swiftscale"), ("client_encoding", "UTF8"), ("gssencmode", "disable"),
            // A standby that was not promoted yet must not look like a database that refuses all writes.
            ("target_session_attrs", "read-write"),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "3"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(limits.call.milliseconds)"),
        ]
        switch tls {
        case .off: list.append(("sslmode", "disable"))
        case .required: list.append(("sslmode", "require"))
        case .verified(let file):
            list += [("sslmode", "verify-full"), ("sslrootcert", file ?? Self.systemAuthorities)]
        }
        return list
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(self / .milliseconds(1)) }
}
