public import IPAddresses
public import Logging

/// Where a listener waits for connections.
public enum ListenerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host name or IP address; port 0 takes a free one.
    case tcp(host: String, port: Int)
    /// A socket file; `permissions` are the mode bits it gets, e.g. `0o660`.
    case unixSocket(path: String, permissions: UInt32)

    public var description: String {
        switch self {
        case .tcp(let host, let port) where host.contains(":"): "[\(host)]:\(port)"
        case .tcp(let host, let port): "\(host):\(port)"
        case .unixSocket(let path, _): path
        }
    }
}

/// What one listener is told.
public struct ListenerConfiguration: Sendable {
    public var address: ListenerAddress
    /// With it, the first byte of a connection decides between TLS and plain HTTP; without it, all is plain.
    public var tls: ServerTLS?
    public var limits: ListenerLimits
    /// A socket to listen on instead of binding `address`.
    public var inherited: InheritedSocket?
    /// Peers whose `X-Forwarded-For` and `X-Real-IP` are believed.
    public var trustedProxies: [IPPrefix]
    /// Peers that may begin a connection with a header of the PROXY protocol, which then says whose it is.
    public var balancers: [IPPrefix]
    /// Level of the one line a request leaves in the log.
    public var requestLogLevel: Logger.Level

    public init(
        address: ListenerAddress,
        tls: ServerTLS? = nil,
        limits: ListenerLimits = ListenerLimits(),
        trustedProxies: [IPPrefix] = [],
        balancers: [IPPrefix] = [],
        requestLogLevel: Logger.Level = .info
    ) {
        self.address = address
        self.tls = tls
        self.limits = limits
        self.trustedProxies = trustedProxies
        self.balancers = balancers
        self.requestLogLevel = requestLogLevel
    }
}
