import ControlModel
import Foundation
import NIOCore
import TailcfgWire

/// The JSON fragments that map messages are put together from.
enum MapText {
    static func node(_ node: WireNode) -> ByteBuffer {
        var writer = JSONWriter()
        writer.writeNode(node)
        return writer.take()
    }

    /// A message about the relays alone.
    static func derpMap(_ map: DERPMap) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.derpMapField(map)
        writer.endObject()
        return writer.take()
    }

    /// A message about the viewer's own node alone.
    static func ownNode(_ node: WireNode) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.nodeField(node)
        writer.endObject()
        return writer.take()
    }

    static func patch(_ change: WirePeerChange) -> ByteBuffer {
        var writer = JSONWriter()
        writer.writePeerChange(change)
        return writer.take()
    }

    /// Opens a full map: the members that only this viewer has, and the comma after them.
    static func beginFull(own: WireNode, now: Date, into text: inout ByteBuffer) {
        var writer = JSONWriter(appendingTo: text)
        writer.beginObject()
        writer.controlTimeField(now)
        writer.nodeField(own)
        text = writer.take()
        text.writeStaticString(",")
    }

    /// The members of a full map that all viewers of a class share; the list of profiles, the last of them, is left open.
    static func sections(
        of replica: TailnetReplica,
        formats: NodeFormats,
        isPolicyInForce: Bool,
        profiles: [WireUserProfile],
        into text: inout ByteBuffer
    ) {
        var writer = JSONWriter(appendingTo: text)
        writer.collectServicesField(false)
        if !formats.isLogUploadAllowed { writer.disableLogTailField() }
        for section in MapSection.allCases { write(section, of: replica, formats: formats, &writer) }
        if !isPolicyInForce { writer.fragment(FilterText.allowAll) }
        writer.key("UserProfiles")
        writer.beginArray()
        for profile in profiles { writer.writeUserProfile(profile) }
        text = writer.take()
    }

    /// One changed member.
    static func section(_ section: MapSection, of replica: TailnetReplica, formats: NodeFormats) -> ByteBuffer {
        var writer = JSONWriter()
        write(section, of: replica, formats: formats, &writer)
        return writer.take()
    }

    static func profiles(_ profiles: [WireUserProfile]) -> ByteBuffer {
        var writer = JSONWriter()
        writer.userProfilesField(profiles)
        return writer.take()
    }

    static func profile(_ profile: WireUserProfile) -> ByteBuffer {
        var writer = JSONWriter()
        writer.writeUserProfile(profile)
        return writer.take()
    }

    /// Numbers with commas between them.
    static func identifiers(_ ids: [NodeID]) -> ByteBuffer {
        var writer = JSONWriter()
        for id in ids { writer.integer(id.rawValue) }
        return writer.take()
    }

    static func keepAlive(now: Date) -> ByteBuffer {
        var writer = JSONWriter()
        writer.writeKeepAlive(at: now)
        return writer.take()
    }

    private static func write(
        _ section: MapSection,
        of replica: TailnetReplica,
        formats: NodeFormats,
        _ writer: inout JSONWriter
    ) {
        switch section {
        case .derpMap: writer.derpMapField(replica.derpMap)
        case .dns:
            writer.dnsConfigField(WireDNSConfig(replica.dns, addressesFrom: formats.addressPrefixes))
            if !replica.dns.baseDomain.isEmpty { writer.domainField(replica.dns.baseDomain) }
        }
    }
}
