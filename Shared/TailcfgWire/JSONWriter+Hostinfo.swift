import ControlModel

extension JSONWriter {
    /// Writes a Hostinfo; what is empty is left out.
    mutating func writeHostinfo(_ hostinfo: Hostinfo) {
        beginObject()
        writeSoftware(hostinfo)
        writeFlags(hostinfo)
        field("ExitNodeID", hostinfo.exitNodeID)
        field("ServicesHash", hostinfo.servicesHash)
        if !hostinfo.routableIPs.isEmpty {
            key("RoutableIPs", rust: "RoutableIps")
            prefixes(hostinfo.routableIPs)
        }
        field("RequestTags", hostinfo.requestTags)
        field("WoLMACs", hostinfo.wakeOnLANMACs)
        field("sshHostKeys", hostinfo.sshHostKeys)
        if !hostinfo.services.isEmpty {
            key("Services")
            beginArray()
            for service in hostinfo.services { writeService(service) }
            endArray()
        }
        if let location = hostinfo.location { writeLocation(location) }
        if let netInfo = hostinfo.netInfo { writeNetInfo(netInfo) }
        endObject()
    }

    private mutating func writeSoftware(_ hostinfo: Hostinfo) {
        field("IPNVersion", rust: "IpnVersion", hostinfo.clientVersion)
        field("OS", rust: "Os", hostinfo.os)
        field("OSVersion", rust: "OsVersion", hostinfo.osVersion)
        field("Distro", hostinfo.distro)
        field("DistroVersion", hostinfo.distroVersion)
        field("DistroCodeName", hostinfo.distroCodeName)
        field("Env", hostinfo.env)
        field("App", hostinfo.app)
        field("Package", hostinfo.package)
        field("DeviceModel", hostinfo.deviceModel)
        field("Hostname", hostinfo.hostname)
        field("Machine", hostinfo.machine)
        field("GoArch", hostinfo.goArch)
        field("GoVersion", hostinfo.goVersion)
        field("Cloud", hostinfo.cloud)
    }

    private mutating func writeFlags(_ hostinfo: Hostinfo) {
        field("Container", hostinfo.container)
        field("Desktop", hostinfo.desktop)
        field("Userspace", hostinfo.userspace)
        field("UserspaceRouter", hostinfo.userspaceRouter)
        field("AppConnector", hostinfo.appConnector)
        field("StateEncrypted", hostinfo.stateEncrypted)
        flag("ShieldsUp", hostinfo.shieldsUp)
        flag("ShareeNode", hostinfo.shareeNode)
        flag("WireIngress", hostinfo.wireIngress)
        flag("IngressEnabled", hostinfo.ingressEnabled)
        flag("AllowsUpdate", hostinfo.allowsUpdate)
        flag("PeerRelay", hostinfo.peerRelay)
    }

    private mutating func writeService(_ service: HostService) {
        beginObject()
        key("Proto")
        text(service.proto)
        key("Port")
        integer(Int(service.port))
        field("Description", service.description)
        endObject()
    }

    private mutating func writeLocation(_ location: HostLocation) {
        key("Location")
        beginObject()
        field("Country", location.country)
        field("CountryCode", location.countryCode)
        field("City", location.city)
        field("CityCode", location.cityCode)
        if location.latitude != 0 || location.longitude != 0 {
            key("Latitude")
            double(location.latitude)
            key("Longitude")
            double(location.longitude)
        }
        if location.priority != 0 {
            key("Priority")
            integer(location.priority)
        }
        endObject()
    }

    private mutating func writeNetInfo(_ netInfo: NetInfo) {
        key("NetInfo")
        beginObject()
        field("MappingVariesByDestIP", rust: "MappingVariesByDestIp", netInfo.mappingVariesByDestIP)
        field("WorkingIPv6", rust: "WorkingIpv6", netInfo.workingIPv6)
        field("OSHasIPv6", rust: "OsHasIpv6", netInfo.osHasIPv6)
        field("WorkingUDP", rust: "WorkingUdp", netInfo.workingUDP)
        field("WorkingICMPv4", rust: "WorkingIcmpv4", netInfo.workingICMPv4)
        flag("HavePortMap", netInfo.havePortMap)
        field("UPnP", rust: "UpnP", netInfo.upnp)
        field("PMP", rust: "Pmp", netInfo.pmp)
        field("PCP", rust: "Pcp", netInfo.pcp)
        if netInfo.preferredDERP != 0 {
            key("PreferredDERP", rust: "PreferredDerp")
            integer(netInfo.preferredDERP)
        }
        field("LinkType", netInfo.linkType)
        field("FirewallMode", netInfo.firewallMode)
        endObject()
    }
}

extension JSONWriter {
    /// Writes a field unless its text is empty.
    mutating func field(_ name: StaticString, rust: StaticString? = nil, _ value: String) {
        guard !value.isEmpty else { return }
        key(name, rust: rust ?? name)
        text(value)
    }

    /// Writes a field unless its list is empty.
    mutating func field(_ name: StaticString, _ values: [String]) {
        guard !values.isEmpty else { return }
        key(name)
        texts(values)
    }

    /// Writes a field unless it is unknown.
    mutating func field(_ name: StaticString, rust: StaticString? = nil, _ value: Bool?) {
        guard let value else { return }
        key(name, rust: rust ?? name)
        bool(value)
    }

    /// Writes a field only when it is true.
    mutating func flag(_ name: StaticString, _ value: Bool) {
        guard value else { return }
        key(name)
        bool(true)
    }
}
