import ControlModel
import IPAddresses

/// Reads a Hostinfo and never refuses it: a field that is not what it should be counts as not sent.
///
/// Clients of other makers differ here (the Rust client's `TPM` has another type), and nothing in it is worth a node
/// that cannot connect.
struct HostinfoFields: FieldDecodable {
    var hostinfo = Hostinfo()

    init(_ fields: RequestFields) {
        readSoftware(fields)
        readFlags(fields)
        hostinfo.exitNodeID = fields.hostText("ExitNodeID")
        hostinfo.servicesHash = fields.hostText("ServicesHash")
        hostinfo.routableIPs = fields.lenientList("RoutableIPs", of: IPPrefix.self, limit: WireLimit.routableIPs)
        hostinfo.requestTags = fields.hostTexts("RequestTags", limit: WireLimit.tags)
        hostinfo.wakeOnLANMACs = fields.hostTexts("WoLMACs", limit: WireLimit.entries)
        hostinfo.sshHostKeys = fields.hostTexts("sshHostKeys", limit: WireLimit.entries)
        hostinfo.services =
            fields.lenientList("Services", of: Fields<ServiceFields>.self, limit: WireLimit.services).map(
                \.value.service
            )
        hostinfo.location = fields.lenient("Location", Fields<LocationFields>.self)?.value.location
        hostinfo.netInfo = fields.lenient("NetInfo", Fields<NetInfoFields>.self)?.value.netInfo
    }

    private mutating func readSoftware(_ fields: RequestFields) {
        hostinfo.clientVersion = fields.hostText("IPNVersion")
        hostinfo.os = fields.hostText("OS")
        hostinfo.osVersion = fields.hostText("OSVersion")
        hostinfo.distro = fields.hostText("Distro")
        hostinfo.distroVersion = fields.hostText("DistroVersion")
        hostinfo.distroCodeName = fields.hostText("DistroCodeName")
        hostinfo.env = fields.hostText("Env")
        hostinfo.app = fields.hostText("App")
        hostinfo.package = fields.hostText("Package")
        hostinfo.deviceModel = fields.hostText("DeviceModel")
        hostinfo.hostname = fields.hostText("Hostname")
        hostinfo.machine = fields.hostText("Machine")
        hostinfo.goArch = fields.hostText("GoArch")
        hostinfo.goVersion = fields.hostText("GoVersion")
        hostinfo.cloud = fields.hostText("Cloud")
    }

    private mutating func readFlags(_ fields: RequestFields) {
        hostinfo.container = fields.lenient("Container", Bool.self)
        hostinfo.desktop = fields.lenient("Desktop", Bool.self)
        hostinfo.userspace = fields.lenient("Userspace", Bool.self)
        hostinfo.userspaceRouter = fields.lenient("UserspaceRouter", Bool.self)
        hostinfo.appConnector = fields.lenient("AppConnector", Bool.self)
        hostinfo.stateEncrypted = fields.lenient("StateEncrypted", Bool.self)
        hostinfo.shieldsUp = fields.flag("ShieldsUp")
        hostinfo.shareeNode = fields.flag("ShareeNode")
        hostinfo.wireIngress = fields.flag("WireIngress")
        hostinfo.ingressEnabled = fields.flag("IngressEnabled")
        hostinfo.allowsUpdate = fields.flag("AllowsUpdate")
        hostinfo.peerRelay = fields.flag("PeerRelay")
    }
}

/// A service with a protocol and a port; anything less is refused, and dropped by the list it is in.
private struct ServiceFields: FieldDecodable {
    let service: HostService

    init(_ fields: RequestFields) throws {
        let proto = fields.hostText("Proto")
        guard !proto.isEmpty, let port = fields.lenient("Port", UInt16.self) else {
            throw fields.fault("Port", expected: "a protocol and a port")
        }
        service = HostService(proto: proto, port: port, description: fields.hostText("Description"))
    }
}

private struct LocationFields: FieldDecodable {
    var location = HostLocation()

    init(_ fields: RequestFields) {
        location.country = fields.hostText("Country")
        location.countryCode = fields.hostText("CountryCode")
        location.city = fields.hostText("City")
        location.cityCode = fields.hostText("CityCode")
        location.latitude = fields.lenient("Latitude", Double.self) ?? 0
        location.longitude = fields.lenient("Longitude", Double.self) ?? 0
        location.priority = fields.lenient("Priority", Int.self) ?? 0
    }
}

private struct NetInfoFields: FieldDecodable {
    var netInfo = NetInfo()

    init(_ fields: RequestFields) {
        netInfo.mappingVariesByDestIP = fields.lenient("MappingVariesByDestIP", Bool.self)
        netInfo.workingIPv6 = fields.lenient("WorkingIPv6", Bool.self)
        netInfo.osHasIPv6 = fields.lenient("OSHasIPv6", Bool.self)
        netInfo.workingUDP = fields.lenient("WorkingUDP", Bool.self)
        netInfo.workingICMPv4 = fields.lenient("WorkingICMPv4", Bool.self)
        netInfo.havePortMap = fields.flag("HavePortMap")
        netInfo.upnp = fields.lenient("UPnP", Bool.self)
        netInfo.pmp = fields.lenient("PMP", Bool.self)
        netInfo.pcp = fields.lenient("PCP", Bool.self)
        // A region is a port number in the old form of a node, so there are no others.
        netInfo.preferredDERP = Int(fields.lenient("PreferredDERP", UInt16.self) ?? 0)
        netInfo.linkType = fields.hostText("LinkType")
        netInfo.firewallMode = fields.hostText("FirewallMode")
    }
}

extension RequestFields {
    fileprivate func flag(_ key: WireKey) -> Bool {
        lenient(key, Bool.self) ?? false
    }

    fileprivate func hostText(_ key: WireKey) -> String {
        guard let text = lenient(key, String.self), text.utf8.count <= WireLimit.hostinfoTextLength else { return "" }
        return text
    }

    fileprivate func hostTexts(_ key: WireKey, limit: Int) -> [String] {
        lenientList(key, of: String.self, limit: limit).filter {
            !$0.isEmpty && $0.utf8.count <= WireLimit.hostinfoTextLength
        }
    }
}
