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

    /// The member about relays.
    static func relays(_ map: DERPMap) -> ByteBuffer {
        var writer = JSONWriter()
        writer.derpMapField(map)
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
    static func beginFull(
        own: WireNode,
        clientVersion: WireClientVersion?,
        now: Date,
        into text: inout ByteBuffer
    ) {
        var writer = JSONWriter(appendingTo: text)
        writer.beginObject()
        writer.controlTimeField(now)
        writer.nodeField(own)
        if let clientVersion { writer.clientVersionField(clientVersion) }
        text = writer.take()
        text.writeStaticString(",")
    }

    /// The members of a full map that all viewers of a class share; the list of profiles, the last of them, is left open.
    static func sections(
        of replica: TailnetReplica,
        for kind: ClientKind,
        formats: NodeFormats,
        isPolicyInForce: Bool,
        profiles: [WireUserProfile],
        into text: inout ByteBuffer
    ) {
        var writer = JSONWriter(appendingTo: text)
        writer.collectServicesField(false)
        if !formats.isLogUploadAllowed { writer.disableLogTailField() }
        writer.derpMapField(replica.relays[kind])
        writer.dns(replica.dns, formats)
        if !isPolicyInForce { writer.fragment(FilterText.allowAll) }
        writer.key("UserProfiles")
        writer.beginArray()
        for profile in profiles { writer.writeUserProfile(profile) }
        text = writer.take()
    }

    /// The members about name resolution.
    static func dns(_ settings: DNSSettings, formats: NodeFormats) -> ByteBuffer {
        var writer = JSONWriter()
        writer.dns(settings, formats)
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
}

extension JSONWriter {
    fileprivate mutating func dns(_ settings: DNSSettings, _ formats: NodeFormats) {
        dnsConfigField(WireDNSConfig(settings, addressesFrom: formats.addressPrefixes))
        if !settings.baseDomain.isEmpty { domainField(settings.baseDomain) }
    }
}
