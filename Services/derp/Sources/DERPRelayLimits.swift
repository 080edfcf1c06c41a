public import NIOCore

/// Everything that can grow or last, and what happens at the limit.
public struct DERPRelayLimits: Sendable {
    /// Connections, those in the handshake included; beyond it an upgrade is answered with 503.
    public var clients = 65_536
    /// Packets that wait for one client; beyond it the oldest are dropped.
    ///
    /// Upstream holds 32. Here packets arrive in batches of one read, so the queue must hold a few reads.
    public var queuedPackets = 1024
    /// Bytes that wait for one client, beside ``queuedPackets``; beyond it the oldest packets are dropped.
    public var queuedBytes = 1 << 20
    /// As ``queuedPackets``, for path discovery, which other packets must not push out.
    public var queuedDiscoPackets = 256
    /// As ``queuedBytes``, for path discovery.
    public var queuedDiscoBytes = 256 << 10
    /// PeerGone frames that wait for one client; beyond it the oldest are dropped.
    public var queuedNotices = 1024
    /// Clients remembered to have received from one key; others are not told when it leaves.
    public var audience = 4096
    /// Bytes collected from one client before they are handed on in the middle of a read.
    public var collectedBytes = 256 << 10
    /// Bytes written to one client before a flush in the middle of a drain.
    public var unflushedBytes = 128 << 10
    /// A client whose socket takes nothing for this long is disconnected.
    public var writeStall = TimeAmount.seconds(2)
    /// Each step of the handshake, admission included.
    public var handshakeTimeout = TimeAmount.seconds(10)
    /// Clients may be silent for as long as they like; one that vanished does not acknowledge this, which ends its connection.
    public var keepAliveInterval = TimeAmount.seconds(60)
    /// Each connection adds its own part of this to the interval.
    public var keepAliveJitter = TimeAmount.seconds(5)
    /// PeerGone(not here) frames to one client: one each interval, after a burst.
    public var notHereInterval = TimeAmount.seconds(1)
    public var notHereBurst = 3
    /// How long the relay goes on after it said that it leaves: clients hear of it while they are still connected.
    ///
    /// The Rust client needs that: it does not come back to a relay that it lost, only to one that left and came again.
    public var leavingTime = Duration.milliseconds(500)
    /// Admission questions that wait; beyond it clients are refused.
    public var waitingLookups = 1024
    /// Admission questions asked of the registry at once.
    public var concurrentLookups = 64
    /// Shorter than the handshake, so that the copy can still decide.
    public var lookupTimeout = Duration.seconds(5)
    /// How often connected clients are checked against the copy: the latest that an expired key goes.
    public var admissionSweepInterval = Duration.seconds(15)
    /// Between attempts to follow the registry.
    public var retryInterval = Duration.seconds(2)

    public init() {}
}
