public import ControlModel
public import IPAddresses
public import OpenIDConnect

/// How the gateway runs.
public struct ControlGatewayConfiguration: Sendable {
    /// URL under which clients reach this server, without trailing slash.
    public var serverURL: String
    /// Name of this start of this gateway, in presence reports; unique.
    public var instance: String
    public var tailnet: TailnetID
    /// Relays that are always in the map.
    public var derpRegions: [DERPRegion]
    /// Where node addresses come from.
    public var addressPrefixes: [IPPrefix]
    public var isTaildropEnabled: Bool
    /// Whether clients may upload logs to their vendor.
    public var isLogUploadAllowed: Bool
    /// Providers through which people log in, each with an issuer of its own; none: an administrator lets devices in.
    public var providers: [OIDCSettings] = []
    /// Whether the gateway stops when one of the providers does not answer at its start.
    public var startsOnlyWithProviders = false
    /// How long a client that waits for its login is kept waiting before it has to ask again.
    public var loginPatience = Duration.seconds(100)
    /// How often a held request looks whether a decision was missed.
    public var loginRecheck = Duration.seconds(20)
    /// How routers of shared routes are asked whether they answer; `nil`: not at all.
    public var routerProbing: RouterProbing? = RouterProbing()
    /// Whether devices are asked for serial numbers and hardware addresses when they connect.
    public var collectsPostureIdentity = false
    /// What clients are told of newer releases of themselves; `nil`: nothing.
    public var clientReleases: ClientReleases?
    /// What clients call the tailnet; `nil`: its domain.
    public var tailnetName: String?
    /// Version of this server, as `/version` tells it.
    public var version: String

    public init(
        serverURL: String,
        instance: String,
        tailnet: TailnetID = .default,
        derpRegions: [DERPRegion] = [],
        addressPrefixes: [IPPrefix],
        isTaildropEnabled: Bool = true,
        isLogUploadAllowed: Bool = false,
        version: String
    ) {
        self.serverURL = serverURL
        self.instance = instance
        self.tailnet = tailnet
        self.derpRegions = derpRegions
        self.addressPrefixes = addressPrefixes
        self.isTaildropEnabled = isTaildropEnabled
        self.isLogUploadAllowed = isLogUploadAllowed
        self.version = version
    }
}

/// How often routers are asked whether they answer, and how long they have.
public struct RouterProbing: Hashable, Sendable {
    public var interval: Duration
    public var timeout: Duration

    public init(interval: Duration = .seconds(10), timeout: Duration = .seconds(5)) {
        self.interval = interval
        self.timeout = timeout
    }
}
