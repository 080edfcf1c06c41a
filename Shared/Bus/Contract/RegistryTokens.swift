public import Keys

/// A token by which a workload on a node proves to others which node it runs on.
///
/// Owner: registry. Asker: control-gateway.
///
/// The asker vouches for `machineKey`, and for the names. Refused with `.unauthorized` when the node key is not one of that machine
/// or has expired.
public struct IssueIDToken: BusRequest, Hashable {
    public static let subject = "registry.token.issue"
    public var nodeKey: NodePublicKey
    public var machineKey: MachinePublicKey
    /// For whom the token is.
    public var audience: String
    /// URL of this server, where its keys can be found.
    public var issuer: String
    /// Name of the tailnet; empty where it has none.
    public var domain: String

    public init(
        nodeKey: NodePublicKey,
        machineKey: MachinePublicKey,
        audience: String,
        issuer: String,
        domain: String
    ) {
        self.nodeKey = nodeKey
        self.machineKey = machineKey
        self.audience = audience
        self.issuer = issuer
        self.domain = domain
    }

    public struct Response: Sendable, Codable, Hashable {
        /// A signed JWT in its compact form.
        ///
        /// A secret of the workload.
        public var token: String

        public init(token: String) {
            self.token = token
        }
    }
}

/// The public keys by which ID tokens can be checked.
///
/// Owner: registry. Asker: control-gateway.
public struct FetchTokenKeys: BusRequest, Hashable {
    public static let subject = "registry.token.keys"

    public init() {}

    public struct Response: Sendable, Codable, Hashable {
        /// Newest first.
        public var keys: [Key]

        public init(keys: [Key]) {
            self.keys = keys
        }
    }

    /// An RSA key for RS256.
    public struct Key: Sendable, Codable, Hashable {
        public var id: String
        /// In base64url without padding, as in a JWK.
        public var modulus: String
        public var exponent: String

        public init(id: String, modulus: String, exponent: String) {
            self.id = id
            self.modulus = modulus
            self.exponent = exponent
        }
    }
}
