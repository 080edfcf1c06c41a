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

    public init(
        bus: any Bus,
        eventLoopGroup: any EventLoopGroup,
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        providerTransport: any ProviderTransport = HTTPProviderTransport()
    ) {
        self.bus = bus
        self.eventLoopGroup = eventLoopGroup
        self.now = now
        self.logger = logger
        self.providerTransport = providerTransport
    }
}
