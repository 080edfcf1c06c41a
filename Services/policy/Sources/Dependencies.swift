public import Bus
public import Foundation
public import Logging
public import Storage

extension PolicyService {
    /// What the service needs of others.
    public struct Dependencies: Sendable {
        public var store: any PolicyStore
        public var bus: any Bus
        public var logger: Logger
        /// For waiting only.
        public var clock: any Clock<Duration>
        /// The wall clock.
        public var now: @Sendable () -> Date
        /// One element whenever the file is to be read at once.
        public var reloads: AsyncStream<Void>

        public init(
            store: any PolicyStore,
            bus: any Bus,
            logger: Logger,
            clock: any Clock<Duration> = ContinuousClock(),
            now: @escaping @Sendable () -> Date,
            reloads: AsyncStream<Void> = AsyncStream { $0.finish() }
        ) {
            self.store = store
            self.bus = bus
            self.logger = logger
            self.clock = clock
            self.now = now
            self.reloads = reloads
        }
    }
}
