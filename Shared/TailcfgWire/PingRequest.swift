public import Foundation
public import IPAddresses
public import NIOCore

/// A question to a client, which it answers by a request of its own to ``url``.
///
/// - Wire: member `PingRequest` of a map message.
/// - Source: `tailcfg.PingRequest`.
public struct PingRequest: Hashable, Sendable {
    /// A request to the client that it is to answer as an HTTP server would.
    public static let clientRequest = "c2n"

    /// Where the answer goes, different each time; its host means nothing, as the answer comes over Noise.
    public var url: String
    /// Empty: whether the client is there; ``clientRequest``; or a kind of ping to ``address``.
    public var types: String
    /// Whom the client is to ping.
    public var address: IPAddress?
    /// A whole HTTP/1.1 request, for ``clientRequest``.
    public var payload: Data?

    public init(url: String, types: String = "", address: IPAddress? = nil, payload: Data? = nil) {
        self.url = url
        self.types = types
        self.address = address
        self.payload = payload
    }

    /// The question as a message of a map stream.
    ///
    /// The first three members are always there: the Rust client drops its stream where one is missing.
    public func message() -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("PingRequest")
        writer.beginObject()
        writer.key("URL")
        writer.text(url)
        writer.key("URLIsNoise")
        writer.bool(true)
        writer.key("Types")
        writer.text(types)
        if let address {
            writer.key("IP")
            writer.address(address)
        }
        if let payload {
            writer.key("Payload")
            writer.base64(payload)
        }
        writer.endObject()
        writer.endObject()
        return writer.take()
    }
}

/// What came of a ping that a client sent to a peer.
///
/// - Wire: body of the client's POST to the question's URL.
/// - Source: `tailcfg.PingResponse`.
public struct PingResponse: Hashable, Sendable {
    /// `disco`, `TSMP`, `ICMP` or `peerapi`.
    public var type = ""
    public var address = ""
    /// The node that has the address; another one for those behind a subnet router.
    public var nodeAddress = ""
    public var nodeName = ""
    /// Why it failed; empty when it did not.
    public var error = ""
    public var latencySeconds = 0.0
    /// Where the peer was reached directly, `address:port`.
    public var endpoint = ""
    /// The peer relay that carried it, `address:port:vni:number`.
    public var peerRelay = ""
    /// The DERP region that carried it, 0 for none.
    public var derpRegion = 0
    public var derpRegionCode = ""
    public var peerAPIPort = 0
    /// Whether the address is the client's own.
    public var isLocal = false

    public init() {}

    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeRequest(Self.self, bytes)
    }
}

extension PingResponse: FieldDecodable {
    init(_ fields: RequestFields) throws {
        type = try fields.text("Type")
        address = try fields.text("IP")
        nodeAddress = try fields.text("NodeIP")
        nodeName = try fields.text("NodeName")
        error = try fields.text("Err")
        latencySeconds = try fields.value("LatencySeconds", Double.self, expected: "a number") ?? 0
        endpoint = try fields.text("Endpoint")
        peerRelay = try fields.text("PeerRelay")
        derpRegion = try fields.integer("DERPRegionID")
        derpRegionCode = try fields.text("DERPRegionCode")
        peerAPIPort = try fields.integer("PeerAPIPort")
        isLocal = try fields.bool("IsLocalIP")
    }
}
