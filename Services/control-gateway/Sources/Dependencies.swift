public import Bus
public import Foundation
public import Logging
public import NIOCore
public import OpenIDConnect

/// What the gateway needs from outside.
public struct ControlGatewayDependencies: Sendable {
    public var bus: any Bus
    /// One of its loops runs the network maps.
    public var eventLoopGroup: any EventLoopGroup
    public var now: @Sendable () -> Date
    public var logger: Logger
    /// How a login provider is reached.
    public var providerTransport: any ProviderTransport
    /// For waiting between probes, and for clients' answers.
    public var clock: any Clock<Duration>

    public init(
        bus: any Bus,
        eventLoopGroup: any EventLoopGroup,
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        providerTransport: any ProviderTransport = HTTPProviderTransport(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.bus = bus
        self.eventLoopGroup = eventLoopGroup
        self.now = now
        self.logger = logger
        self.providerTransport = providerTransport
        self.clock = clock
    }
}
