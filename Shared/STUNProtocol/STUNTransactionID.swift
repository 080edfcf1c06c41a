import NIOCore

/// Ninety-six bits by which a client finds the request a response belongs to.
///
/// Chosen by the client at random; the server only repeats it.
public struct STUNTransactionID: Hashable, Sendable {
    public static let length = 12

    /// First 8 bytes on the wire, big-endian.
    public let high: UInt64
    /// Last 4 bytes on the wire, big-endian.
    public let low: UInt32

    public init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }
}
