public import ControlModel
public import Foundation
public import NIOCore

/// One message of a map stream, for callers that share no pieces of it.
///
/// Fields that are `nil`, empty or false are left out: for clients that means "as before".
/// - Source: `tailcfg.MapResponse`.
public struct MapResponse: Hashable, Sendable {
    /// Required in the first message of a stream.
    public var node: WireNode?
    public var derpMap: DERPMap?
    /// The complete list, sorted by id.
    public var peers: [WireNode] = []
    public var peersChanged: [WireNode] = []
    public var peersRemoved: [Int64] = []
    public var peersChangedPatch: [WirePeerChange] = []
    public var dnsConfig: WireDNSConfig?
    public var domain = ""
    public var collectServices: Bool?
    /// The profile of every user named in this message, unless sent before.
    public var userProfiles: [WireUserProfile] = []
    /// An empty list blocks all that comes in.
    public var packetFilter: [WireFilterRule]?
    public var disablesLogTail = false
    public var clientVersion: WireClientVersion?
    public var controlTime: Date?

    public init() {}

    /// Writes the JSON, without frame.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        if let node { writer.nodeField(node) }
        if let derpMap { writer.derpMapField(derpMap) }
        if !peers.isEmpty { writer.peersField(peers) }
        if !peersChanged.isEmpty { writer.peersChangedField(peersChanged) }
        if !peersRemoved.isEmpty { writer.peersRemovedField(peersRemoved) }
        if !peersChangedPatch.isEmpty { writer.peersChangedPatchField(peersChangedPatch) }
        if let dnsConfig { writer.dnsConfigField(dnsConfig) }
        if !domain.isEmpty { writer.domainField(domain) }
        if let collectServices { writer.collectServicesField(collectServices) }
        if !userProfiles.isEmpty { writer.userProfilesField(userProfiles) }
        if let packetFilter { writer.packetFiltersField(packetFilter) }
        if disablesLogTail { writer.disableLogTailField() }
        if let clientVersion { writer.clientVersionField(clientVersion) }
        if let controlTime { writer.controlTimeField(controlTime) }
        writer.endObject()
    }

    /// The JSON in a buffer of its own.
    public func encoded() -> ByteBuffer {
        var writer = JSONWriter()
        encode(to: &writer)
        return writer.buffer
    }
}
