public import ControlModel

/// A relay is there: a level, repeated as a lease.
///
/// Owner: derp. Reader: control-gateway (DERP map).
///
/// A relay not heard of for ``lease`` is dropped from the map. Loss: the next repetition.
public struct DERPAnnounced: BusEvent, Hashable {
    public static let subject = "derp.announced"
    /// How long an announcement holds.
    public static let lease = Duration.seconds(30)
    /// How often it is repeated.
    public static let interval = Duration.seconds(10)

    /// The region, holding this one relay.
    public var region: DERPRegion
    /// The relay stops now.
    public var isLeaving: Bool

    public init(region: DERPRegion, isLeaving: Bool = false) {
        self.region = region
        self.isLeaving = isLeaving
    }
}

/// A gateway starts and wants to hear of every relay now.
///
/// Owner: control-gateway. Reader: derp. Loss: the relay's next announcement.
public struct DERPWanted: BusEvent, Hashable {
    public static let subject = "derp.wanted"

    public init() {}
}
