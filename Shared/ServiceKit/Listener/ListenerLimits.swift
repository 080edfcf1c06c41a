/// Bounds on what one peer can make a listener hold.
///
/// Lengths are in bytes.
public struct ListenerLimits: Sendable {
    /// All header fields of a request together; above it 431.
    public var headLength = 64 << 10
    /// Header fields of a request; above it 431.
    public var headerCount = 128
    /// A request's body; above it 413.
    public var bodyLength = (1 << 20) + (64 << 10)
    /// Requests that may be longer.
    public var longBodies: LongBodies?
    /// Parts (heads, body pieces, ends) of pipelined requests that may wait; above it the connection closes.
    public var pipelinedPartCount = 256
    /// Open connections; above it new ones are closed at once.
    public var connectionCount = 50_000
    /// One WebSocket message, all its fragments together; above it close code 1009.
    public var webSocketMessageLength = 1 << 20

    /// From the connection to its first byte.
    public var firstByteTimeout = Duration.seconds(30)
    /// From the first byte to the end of the first head, a TLS handshake included.
    public var headTimeout = Duration.seconds(30)
    /// From the end of a head to the end of its body.
    public var bodyTimeout = Duration.seconds(60)
    /// Between the requests of a kept-alive connection, the next head included.
    public var idleTimeout = Duration.seconds(120)
    /// How long a piece of a response, 256 KiB at most, may wait for a client that does not read.
    public var writeTimeout = Duration.seconds(60)
    /// How long sent bytes may stay unacknowledged before a TCP connection counts as dead, in milliseconds.
    public var unacknowledgedMilliseconds = 30_000
    /// How long what a client still sends is thrown away, so that it can read our last answer.
    public var lingerTimeout = Duration.seconds(2)
    /// How long requests in progress and upgraded streams may go on after a graceful stop.
    public var shutdownTimeout = Duration.seconds(5)

    public init() {}
}
