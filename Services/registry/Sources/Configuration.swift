public import ControlModel
public import IPAddresses
public import Storage

extension RegistryService {
    /// What a registry is told at start.
    public struct Configuration: Sendable {
        public var tailnet = TailnetID.default
        /// Where the key is that seals the secrets in the store.
        public var masterKey: MasterKeySource
        /// File of the server's Noise key of an earlier release; taken over when the store has none.
        public var noiseKeyFile: String?
        /// Where nodes get IPv4 addresses from; `nil`: they get none.
        public var ipv4Prefix = IPPrefix("100.64.0.0/10")
        /// Where nodes get IPv6 addresses from; `nil`: they get none.
        public var ipv6Prefix = IPPrefix("fd7a:115c:a1e0::/48")
        public var allocation = AddressStrategy.sequential
        /// How long node keys of users last; `nil` or zero: for ever.
        public var keyLifetime: Duration?
        /// Which devices need approval.
        public var deviceApproval = DeviceApproval()
        /// Names of attributes that clients may set of themselves; a policy that asks for one believes whoever rules the device.
        public var clientAttributes: Set<String> = []
        /// How long an ephemeral node may be offline.
        public var ephemeralTimeout = Duration.seconds(30 * 60)
        /// How long an ephemeral node may take from its first contact to its first connection, if that is longer.
        public var ephemeralArrival = Duration.seconds(30 * 60)
        /// How long a node that lets go of its stream stays online.
        public var offlineGrace = Duration.seconds(10)
        /// How long a gateway's presence report holds.
        public var gatewayLease = Duration.seconds(30)
        /// Longest time between two looks at leases; after a longer one they start anew.
        public var presencePatience = Duration.seconds(5)
        /// Longest pause after a batch of reports was written, for more to come; it grows with the load.
        public var statusPause = Duration.milliseconds(50)
        /// How long a report waits for others even when nothing is going on.
        public var statusGathering = Duration.zero
        /// Changes kept in the log, for readers that were cut off.
        public var changeLogLength: Version = 100_000
        /// How long records of the audit log are kept; `nil`: for ever.
        public var auditRetention: Duration? = .seconds(366 * 86400)
        /// Nodes in one part of a snapshot, changes in one part of the log.
        public var pageLength = 1000

        /// How long a login waits for a person.
        public var loginLifetime = Duration.seconds(15 * 60)
        public var loginLimits = PendingLoginLimits()

        public init(masterKey: MasterKeySource, noiseKeyFile: String? = nil) {
            self.masterKey = masterKey
            self.noiseKeyFile = noiseKeyFile
        }
    }
}
