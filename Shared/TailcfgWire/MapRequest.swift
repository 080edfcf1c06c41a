public import ControlModel
import IPAddresses
public import Keys
public import NIOCore

/// A client reports its state, or asks for its network map.
///
/// - Wire: body of `POST /machine/map`.
/// - Source: `tailcfg.MapRequest`.
public struct MapRequest: Hashable, Sendable {
    public var version = CapabilityVersion(0)
    /// `zstd`, or empty for plain JSON.
    public var compress = ""
    /// Whether the client wants keep-alives.
    public var keepAlive = false
    /// Zero if the client sent none.
    public var nodeKey = NodePublicKey.zero
    /// Zero if the client sent none.
    public var discoKey = DiscoPublicKey.zero
    /// Whether the answer goes on for as long as the connection.
    public var isStream = false
    /// `nil` if not sent, which says nothing about the host.
    public var hostinfo: Hostinfo?
    /// At most ``WireLimit/endpoints``; those that do not parse are dropped.
    public var endpoints: [NodeEndpoint] = []
    /// Session to resume; empty for none.
    public var sessionHandle = ""
    /// Last message seen of `sessionHandle`.
    public var sessionSequence = 0
    /// Tailnet lock head; empty for none.
    public var lockHead = ""
    public var isReadOnly = false
    public var omitPeers = false
    public var debugFlags: [String] = []

    public init() {}

    /// Whether frames go out compressed; the Rust client cannot read them.
    public var wantsZstd: Bool { compress == "zstd" }

    /// What the client wants, by its three flags.
    public var kind: Kind {
        if isStream { return .stream }
        return omitPeers && !isReadOnly ? .statusReport : .singleResponse
    }

    /// The kinds of map request since capability version 68.
    public enum Kind: Hashable, Sendable {
        /// A long poll; replaces an earlier one of the same node.
        case stream
        /// Only tells; the answer is empty, and a running stream goes on.
        case statusReport
        /// One full map, then the end.
        case singleResponse
    }

    /// Decodes a request body.
    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension MapRequest: FieldDecodable {
    init(_ fields: RequestFields) throws {
        version = try fields.version("Version")
        compress = try fields.text("Compress")
        keepAlive = try fields.bool("KeepAlive")
        nodeKey = try fields.key("NodeKey", NodePublicKey.self)
        discoKey = try fields.key("DiscoKey", DiscoPublicKey.self)
        isStream = try fields.bool("Stream")
        hostinfo = try fields.object("Hostinfo", HostinfoFields.self)?.hostinfo
        let addresses = fields.lenientSlots("Endpoints", of: IPEndpoint.self, limit: WireLimit.endpoints)
        let types = fields.lenientSlots("EndpointTypes", of: Int.self, limit: WireLimit.endpoints)
        endpoints = addresses.enumerated().compactMap { index, address in
            guard let address, address.port != 0 else { return nil }
            let type = index < types.count ? types[index] ?? 0 : 0
            return NodeEndpoint(endpoint: address, type: (0...255).contains(type) ? type : 0)
        }
        sessionHandle = try fields.text("MapSessionHandle")
        sessionSequence = try fields.integer("MapSessionSeq")
        lockHead = try fields.text("TKAHead")
        isReadOnly = try fields.bool("ReadOnly")
        omitPeers = try fields.bool("OmitPeers")
        debugFlags = fields.lenientList("DebugFlags", of: String.self, limit: WireLimit.entries)
    }
}
