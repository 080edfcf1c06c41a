public import ControlModel

/// The DNS settings in force.
///
/// Owner: dns. Reader: control-gateway. Loss: the next repetition.
public struct DNSSettingsPublished: BusEvent, Hashable {
    public static let subject = "dns.settings"

    /// Grows with each change; readers drop what is not newer.
    public var revision: Int
    public var settings: DNSSettings

    public init(revision: Int, settings: DNSSettings) {
        self.revision = revision
        self.settings = settings
    }
}

/// Asks for the DNS settings.
///
/// Owner: dns. Asker: control-gateway.
public struct FetchDNSSettings: BusRequest, Hashable {
    public static let subject = "dns.settings.fetch"

    public init() {}

    public typealias Response = DNSSettingsPublished
}
