public import NIOCore

/// Where a request or an upgraded stream came from.
public struct ConnectionInfo: Sendable {
    /// The other end; `nil` on a Unix socket.
    public var remoteAddress: SocketAddress?
    public var isTLS: Bool
    /// Whether it came over the local socket, whose file permissions are its authentication.
    public var isLocalSocket: Bool

    public init(remoteAddress: SocketAddress?, isTLS: Bool, isLocalSocket: Bool) {
        self.remoteAddress = remoteAddress
        self.isTLS = isTLS
        self.isLocalSocket = isLocalSocket
    }
}
