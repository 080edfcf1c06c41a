extension NATSBus {
    /// Where the servers are and who we are to them.
    public struct Configuration: Sendable {
        /// `nats://` or `tls://` addresses of one cluster; tried in any order.
        public var servers: [String]
        public var authentication: Authentication
        /// `nil`: as the address says; `tls://` trusts the system's authorities then.
        public var tls: TLS?
        /// Who this is: shown by the server, and part of the subject of answers (`_INBOX.<name>.`), for permissions.
        public var name: String

        public init(servers: [String], authentication: Authentication = .none, tls: TLS? = nil, name: String) {
            self.servers = servers
            self.authentication = authentication
            self.tls = tls
            self.name = name
        }
    }

    /// What a server asks of its clients.
    public enum Authentication: Sendable {
        case none
        case user(name: String, password: String)
        case token(String)
        /// A `.creds` file: a signed user and its seed. It is read at each connection.
        case credentialsFile(path: String)
    }

    /// Certificates in PEM; the files are read at each connection.
    public struct TLS: Sendable {
        /// Authorities that may vouch for the server.
        public var caFile: String?
        /// Ours, where the server asks for one.
        public var certificateFile: String?
        public var keyFile: String?

        public init(caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }
}

/// Bounds of the adapter.
public enum NATSBusLimits {
    /// Longest message, in bytes; longer ones are refused.
    public static let messageLength = 64 << 20
    /// Bytes that wait for the server to take them; beyond it sending fails.
    public static let outboxLength = 128 << 20
    /// Bytes waiting for one slow reader of events; beyond it the oldest are lost.
    public static let pendingEventsLength = 128 << 20
    /// Requests of one kind waiting in one responder; further ones are sent on to another.
    public static let waitingRequests = 65_536
    /// Messages in parts, of which some are still to come; beyond it the oldest is given up.
    public static let incompleteMessages = 64
    /// Bytes of such messages.
    public static let incompleteLength = 128 << 20
    /// How long the next part may take.
    public static let incompleteAge = Duration.seconds(30)
    /// How long closing waits for requests being handled.
    public static let drain = Duration.seconds(5)
    /// The time that a server has to say that nobody listens: no attempt at a request is shorter.
    public static let shortestAttempt = Duration.milliseconds(250)
    /// A server that takes no bytes for this long is given up.
    static let writeStall = Duration.seconds(5)
    /// A server that does not answer for three times this long is given up.
    static let ping = Duration.seconds(5)
    static let connect = Duration.seconds(2)
}
