import ControlGatewayService
import ControlModel
import RegistryService

/// How long nodes stay, which need approval, and how routers are looked after.
struct NodeSettings: Hashable, Sendable {
    static let expiry = ConfigurationKey("node.expiry")
    static let inactivity = ConfigurationKey("node.ephemeral.inactivity_timeout")
    static let olderInactivity = ConfigurationKey("ephemeral_node_inactivity_timeout")
    static let approval = ConfigurationKey("node.device_approval.enabled")
    static let approvedUsers = ConfigurationKey("node.device_approval.approved_users", .list)
    static let approvedGroups = ConfigurationKey("node.device_approval.approved_groups", .list)
    static let approvedTags = ConfigurationKey("node.device_approval.approved_tags", .list)
    static let clientAttributes = ConfigurationKey("node.attributes.set_by_clients", .list)
    static let probeInterval = ConfigurationKey("node.routes.ha.probe_interval")
    static let probeTimeout = ConfigurationKey("node.routes.ha.probe_timeout")
    static let keys = [
        expiry, inactivity, olderInactivity, approval, approvedUsers, approvedGroups, approvedTags,
        clientAttributes, probeInterval, probeTimeout,
    ]

    /// A shorter time would remove ephemeral nodes between two keep-alives of their map stream.
    static let shortestInactivity = Duration.seconds(65)

    /// After which a node key of an untagged node ends; `nil`: never.
    var keyExpiry: Duration?
    /// After which an ephemeral node that is away is removed.
    var ephemeralInactivity: Duration
    /// Which devices need approval.
    var deviceApproval: DeviceApproval
    /// Names of attributes that clients may set of themselves.
    var clientAttributes: Set<String>
    /// How routers of shared routes are asked whether they answer; `nil`: not at all.
    var routerProbing: RouterProbing?

    init(_ reader: inout SettingsReader) {
        let expiry = reader.duration(Self.expiry, or: .zero)
        keyExpiry = expiry == .zero ? nil : expiry
        let key = reader.sources.isGiven(Self.inactivity) ? Self.inactivity : Self.olderInactivity
        ephemeralInactivity = reader.value(
            key,
            or: .seconds(30 * 60),
            expecting: "a duration of more than 65s, e.g. 30m"
        ) { text in
            DurationText.parse(text).flatMap { $0 > Self.shortestInactivity ? $0 : nil }
        }
        deviceApproval = DeviceApproval(
            isRequired: reader.flag(Self.approval, or: false),
            users: Set(reader.list(Self.approvedUsers) ?? []),
            groups: Set(reader.list(Self.approvedGroups) ?? []),
            tags: Set(reader.list(Self.approvedTags) ?? [])
        )
        for tag in deviceApproval.tags.sorted() where !tag.hasPrefix("tag:") {
            reader.refuse(Self.approvedTags, value: tag, expecting: "tags like tag:server")
        }
        clientAttributes = Set(reader.list(Self.clientAttributes) ?? [])
        for name in clientAttributes.sorted() where DeviceAttribute.nameFault(name) != nil {
            reader.refuse(Self.clientAttributes, value: name, expecting: "names like custom:tier")
        }
        routerProbing = Self.probing(&reader)
    }

    private static func probing(_ reader: inout SettingsReader) -> RouterProbing? {
        let standard = RouterProbing()
        let interval = reader.value(
            probeInterval,
            or: standard.interval,
            expecting: "a duration of 2s or more, or 0"
        ) { text in
            DurationText.parse(text).flatMap { $0 == .zero || $0 >= .seconds(2) ? $0 : nil }
        }
        let fallback = min(standard.timeout, interval / 2)
        let timeout = reader.value(
            probeTimeout,
            or: fallback,
            expecting: "a duration of 1s or more, and less than \(probeInterval.name)"
        ) { text in
            DurationText.parse(text).flatMap { $0 >= .seconds(1) && (interval == .zero || $0 < interval) ? $0 : nil }
        }
        return interval == .zero ? nil : RouterProbing(interval: interval, timeout: timeout)
    }

    /// What to say about keys whose name has changed.
    static func notes(_ sources: ConfigurationSources) -> [ConfigurationNote] {
        guard sources.isGiven(olderInactivity) else { return [] }
        return [
            ConfigurationNote(
                weight: .warning,
                text: "\(olderInactivity.name) is an older name: use \(inactivity.name)"
            )
        ]
    }
}
