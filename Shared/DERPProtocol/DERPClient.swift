public import Keys

/// Who connected to a relay, proven by the box in its ClientInfo.
public struct DERPClient: Hashable, Sendable {
    public let key: NodePublicKey
    public let info: DERPClientInfo

    public init(key: NodePublicKey, info: DERPClientInfo) {
        self.key = key
        self.info = info
    }
}
