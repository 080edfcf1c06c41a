public import ControlModel

extension JSONWriter {
    /// Writes `{"omitDefaultRegions":true,"Regions":{…}}`: also what `/derpmap` answers.
    public mutating func writeDERPMap(_ map: DERPMap) {
        beginObject()
        key("omitDefaultRegions")
        bool(true)
        key("Regions")
        beginObject()
        for region in map.regions {
            key(text: String(region.id))
            writeRegion(region)
        }
        endObject()
        endObject()
    }

    private mutating func writeRegion(_ region: DERPRegion) {
        beginObject()
        key("RegionID")
        integer(region.id)
        key("RegionCode")
        text(region.code)
        key("RegionName")
        text(region.name)
        if let latitude = region.latitude, let longitude = region.longitude {
            key("Latitude")
            double(latitude)
            key("Longitude")
            double(longitude)
        }
        flag("NoMeasureNoHome", region.noMeasureNoHome)
        key("Nodes")
        beginArray()
        for node in region.nodes { writeRelay(node, region: region.id) }
        endArray()
        endObject()
    }

    private mutating func writeRelay(_ node: DERPNode, region: Int) {
        beginObject()
        key("Name")
        text(node.name)
        key("RegionID")
        integer(region)
        key("HostName")
        text(node.hostName)
        field("CertName", node.certName)
        field("IPv4", node.ipv4)
        field("IPv6", node.ipv6)
        field("STUNPort", node.stunPort)
        flag("STUNOnly", node.isSTUNOnly)
        field("DERPPort", node.derpPort)
        flag("CanPort80", node.canPort80)
        endObject()
    }

    /// Writes a field unless it is zero.
    private mutating func field(_ name: StaticString, _ value: Int) {
        guard value != 0 else { return }
        key(name)
        integer(value)
    }
}
