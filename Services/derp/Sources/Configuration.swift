public import ControlModel

extension DERPService {
    /// What a relay is told at start.
    public struct Configuration: Sendable {
        public var tailnet = TailnetID.default
        /// 900 to 999 never meet ids of the public relays.
        public var regionID = 999
        public var regionCode = "swiftscale"
        public var regionName = "Swiftscale"
        /// Unique in its region; `nil`: region id and `a`.
        public var nodeName: String?
        public var hostName: String
        /// See ``ControlModel/DERPNode/certName``.
        public var certName = ""
        /// See ``ControlModel/DERPNode/ipv4``.
        public var ipv4 = ""
        /// See ``ControlModel/DERPNode/ipv6``.
        public var ipv6 = ""
        public var canPort80 = false
        /// File of the private key; made at first start.
        public var keyFile: String
        /// `nil`: no STUN.
        public var stun: STUNAddress? = STUNAddress(host: "::", port: 3478)
        /// Whether only known nodes may connect.
        public var verifyClients = true
        /// Names beside `hostName` that `/bootstrap-dns` answers, with their addresses.
        public var bootstrapNames: [String: [String]] = [:]
        public var limits = DERPRelayLimits()

        public init(hostName: String, keyFile: String) {
            self.hostName = hostName
            self.keyFile = keyFile
        }
    }

    /// Where STUN listens.
    public struct STUNAddress: Hashable, Sendable {
        /// A numeric address.
        public var host: String
        /// 0: any free port.
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }
}
