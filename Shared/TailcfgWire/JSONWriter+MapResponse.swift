public import ControlModel
public import Foundation

/// The fields of a map response, one method each.
///
/// Each writes name and value, so that a fresh writer makes a fragment that can be shared between messages and joined with
/// commas.
/// - Source: `tailcfg.MapResponse`.
extension JSONWriter {
    /// Writes the message that keeps a stream alive.
    ///
    /// With the time in it: after `{"KeepAlive":true}` alone, Go clients take every later message of the same compressed
    /// length for another one.
    public mutating func writeKeepAlive(at now: Date) {
        beginObject()
        key("KeepAlive")
        bool(true)
        controlTimeField(now)
        endObject()
    }

    public mutating func controlTimeField(_ now: Date) {
        key("ControlTime")
        time(now)
    }

    public mutating func nodeField(_ node: WireNode) {
        key("Node")
        writeNode(node)
    }

    public mutating func derpMapField(_ map: DERPMap) {
        key("DERPMap")
        writeDERPMap(map)
    }

    /// Writes the complete list of peers; must not be empty in a message after the first.
    public mutating func peersField(_ peers: [WireNode]) {
        key("Peers")
        writeNodes(peers)
    }

    public mutating func peersChangedField(_ peers: [WireNode]) {
        key("PeersChanged")
        writeNodes(peers)
    }

    public mutating func peersRemovedField(_ peers: [Int64]) {
        key("PeersRemoved")
        beginArray()
        for peer in peers { integer(peer) }
        endArray()
    }

    public mutating func peersChangedPatchField(_ changes: [WirePeerChange]) {
        key("PeersChangedPatch")
        beginArray()
        for change in changes { writePeerChange(change) }
        endArray()
    }

    public mutating func dnsConfigField(_ config: WireDNSConfig) {
        key("DNSConfig")
        writeDNSConfig(config)
    }

    /// Writes the name of the tailnet.
    public mutating func domainField(_ domain: String) {
        key("Domain")
        text(domain)
    }

    public mutating func collectServicesField(_ value: Bool) {
        key("CollectServices")
        bool(value)
    }

    public mutating func userProfilesField(_ profiles: [WireUserProfile]) {
        key("UserProfiles")
        beginArray()
        for profile in profiles { writeUserProfile(profile) }
        endArray()
    }

    /// Writes all rules under the one name `base`.
    public mutating func packetFiltersField(_ rules: [WireFilterRule]) {
        key("PacketFilters")
        beginObject()
        key("base")
        writeFilterRules(rules)
        endObject()
    }

    /// Tells clients not to upload their logs, for as long as their process runs.
    public mutating func disableLogTailField() {
        key("Debug")
        beginObject()
        key("DisableLogTail")
        bool(true)
        endObject()
    }

    private mutating func writeNodes(_ nodes: [WireNode]) {
        beginArray()
        for node in nodes { writeNode(node) }
        endArray()
    }
}
