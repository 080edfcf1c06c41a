public import DERPProtocol
public import NIOCore

/// Where random choices come from.
public struct DERPRandomness: Sendable {
    public var nonce: @Sendable () -> NaClBox.Nonce
    /// A time up to the given one.
    public var jitter: @Sendable (TimeAmount) -> TimeAmount

    public init(
        nonce: @escaping @Sendable () -> NaClBox.Nonce,
        jitter: @escaping @Sendable (TimeAmount) -> TimeAmount
    ) {
        self.nonce = nonce
        self.jitter = jitter
    }

    /// The system's source.
    public static let system = DERPRandomness(
        nonce: {
            var generator = SystemRandomNumberGenerator()
            return .random(using: &generator)
        },
        jitter: { .nanoseconds(.random(in: 0...max(0, $0.nanoseconds))) }
    )
}
