public import Bus
public import Foundation
public import Logging
public import Storage

extension RegistryService {
    /// What a registry needs of others.
    public struct Dependencies: Sendable {
        public var store: any RegistryStore & PresenceStore
        /// Logins that wait for a person; `nil`: devices come in by auth key alone.
        public var logins: (any PendingLoginStore & SSHConfirmationStore)?
        public var bus: any Bus
        public var logger: Logger
        /// For waiting only.
        public var clock: any Clock<Duration>
        /// The wall clock.
        public var now: @Sendable () -> Date
        /// Time since some moment before the start; never goes back.
        public var uptime: @Sendable () -> Duration
        /// Random bytes, as many as asked for, fit for keys.
        public var randomBytes: @Sendable (Int) -> [UInt8]

        public init(
            store: any RegistryStore & PresenceStore,
            logins: (any PendingLoginStore & SSHConfirmationStore)? = nil,
            bus: any Bus,
            logger: Logger,
            clock: any Clock<Duration> = ContinuousClock(),
            now: @escaping @Sendable () -> Date,
            uptime: @escaping @Sendable () -> Duration = Self.systemUptime(),
            randomBytes: @escaping @Sendable (Int) -> [UInt8] = Self.systemRandomBytes
        ) {
            self.store = store
            self.logins = logins
            self.bus = bus
            self.logger = logger
            self.clock = clock
            self.now = now
            self.uptime = uptime
            self.randomBytes = randomBytes
        }

        /// Time since this call.
        public static func systemUptime() -> @Sendable () -> Duration {
            let start = ContinuousClock.now
            return { ContinuousClock.now - start }
        }

        /// From the system's random source.
        public static func systemRandomBytes(_ count: Int) -> [UInt8] {
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
    }
}
