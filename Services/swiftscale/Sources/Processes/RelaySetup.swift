import DERPService
import IPAddresses

/// The relay's configuration, from the server's.
struct RelaySetup {
    let configuration: ServerConfiguration
    let certificate: ServerCertificate

    /// Inside the server, under the server's name.
    func embedded() -> DERPService.Configuration {
        relay(host: configuration.listener.serverURL.host)
    }

    /// In a process of its own, perhaps one of several in its region.
    func alone() -> DERPService.Configuration {
        let host = configuration.derp.publicHost(configuration.listener)
        var relay = relay(host: host)
        relay.nodeName = "\(relay.regionID)-\(host)"
        return relay
    }

    private func relay(host: String) -> DERPService.Configuration {
        let settings = configuration.derp
        var relay = DERPService.Configuration(hostName: host, keyFile: settings.privateKeyPath)
        relay.regionID = settings.regionID
        relay.regionCode = settings.regionCode
        relay.regionName = settings.regionName
        relay.certName = certificate.pin
        relay.ipv4 = settings.ipv4?.description ?? IPv4Address(host)?.description ?? ""
        relay.ipv6 = settings.ipv6?.description ?? IPv6Address(host)?.description ?? ""
        // A host that is an address is of one family: clients must not look for the other by name.
        if IPAddress(host) != nil {
            if relay.ipv4.isEmpty { relay.ipv4 = "none" }
            if relay.ipv6.isEmpty { relay.ipv6 = "none" }
        }
        relay.verifyClients = settings.verifiesClients
        relay.stun = DERPService.STUNAddress(host: settings.stunAddress.host, port: settings.stunAddress.port)
        return relay
    }
}
