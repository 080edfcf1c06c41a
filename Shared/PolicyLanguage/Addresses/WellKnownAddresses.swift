import IPAddresses

extension AddressSet {
    /// What `*` means: the addresses of tailnets, without the range that ChromeOS uses for its virtual machines.
    static let tailnet = AddressSet([prefix("100.64.0.0/10"), prefix("fd7a:115c:a1e0::/48")])
        .subtracting(AddressSet([prefix("100.115.92.0/23")]))

    static let everything = AddressSet([prefix("0.0.0.0/0"), prefix("::/0")])

    /// What `autogroup:internet` means: global unicast without private, shared and link-local addresses.
    static let internet = AddressSet([prefix("0.0.0.0/0"), prefix("2000::/3")]).subtracting(
        AddressSet([
            prefix("10.0.0.0/8"), prefix("172.16.0.0/12"), prefix("192.168.0.0/16"), prefix("100.64.0.0/10"),
            prefix("169.254.0.0/16"), prefix("fc00::/7"), prefix("fe80::/10"),
        ])
    )

    private static func prefix(_ text: StaticString) -> AddressRange {
        guard let prefix = IPPrefix("\(text)") else { preconditionFailure("a constant prefix is valid: \(text)") }
        return AddressRange(prefix)
    }
}

extension IPPrefix {
    /// Whether this is `0.0.0.0/0` or `::/0`.
    var isExitRoute: Bool { length == 0 }
}
