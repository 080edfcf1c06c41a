public import Bus
public import Foundation
public import Logging
public import NIOCore
public import NIOPosix

extension DERPService {
    /// What a relay needs of others.
    public struct Dependencies: Sendable {
        public var bus: any Bus
        public var logger: Logger
        /// Port that clients connect to, known once the listener is bound.
        public var derpPort: @Sendable () async throws -> Int
        /// For STUN; relay connections stay on the loops of their listener.
        public var eventLoopGroup: any EventLoopGroup
        public var clock: any Clock<Duration>
        /// The wall clock, for key expiry.
        public var now: @Sendable () -> Date
        public var randomness: DERPRandomness

        public init(
            bus: any Bus,
            logger: Logger,
            derpPort: @escaping @Sendable () async throws -> Int,
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            clock: any Clock<Duration> = ContinuousClock(),
            now: @escaping @Sendable () -> Date,
            randomness: DERPRandomness = .system
        ) {
            self.bus = bus
            self.logger = logger
            self.derpPort = derpPort
            self.eventLoopGroup = eventLoopGroup
            self.clock = clock
            self.now = now
            self.randomness = randomness
        }
    }
}
