/// How long nodes stay.
struct NodeSettings: Hashable, Sendable {
    static let expiry = ConfigurationKey("node.expiry")
    static let inactivity = ConfigurationKey("node.ephemeral.inactivity_timeout")
    static let olderInactivity = ConfigurationKey("ephemeral_node_inactivity_timeout")
    static let keys = [expiry, inactivity, olderInactivity]

    /// A shorter time would remove ephemeral nodes between two keep-alives of their map stream.
    static let shortestInactivity = Duration.seconds(65)

    /// After which a node key of an untagged node ends; `nil`: never.
    var keyExpiry: Duration?
    /// After which an ephemeral node that is away is removed.
    var ephemeralInactivity: Duration

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
