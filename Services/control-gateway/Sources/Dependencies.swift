public import Bus
public import Foundation
public import Logging
public import NIOCore

/// What the gateway needs from outside.
public struct ControlGatewayDependencies: Sendable {
    public var bus: any Bus
    /// One of its loops runs the network maps.
    public var eventLoopGroup: any EventLoopGroup
    public var now: @Sendable () -> Date
    public var logger: Logger

    public init(
        bus: any Bus,
        eventLoopGroup: any EventLoopGroup,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.bus = bus
        self.eventLoopGroup = eventLoopGroup
        self.now = now
        self.logger = logger
    }
}
