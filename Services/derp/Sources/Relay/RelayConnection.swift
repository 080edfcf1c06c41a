import NIOCore

/// A client's connection as other event loops see it.
final class RelayConnection: Sendable {
    let id: UInt64
    let mailbox: Mailbox
    let eventLoop: any EventLoop
    /// Used on `eventLoop` only.
    private let handler: NIOLoopBound<DERPClientHandler>

    /// Called on the connection's event loop.
    init(id: UInt64, mailbox: Mailbox, eventLoop: any EventLoop, handler: DERPClientHandler) {
        self.id = id
        self.mailbox = mailbox
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    /// Has what waits written; all connections must be of this connection's loop.
    func drain(with others: ArraySlice<RelayConnection> = []) {
        eventLoop.execute {
            self.handler.value.drain()
            for other in others { other.handler.value.drain() }
        }
    }

    /// The client's key may no longer be here.
    func revoke() {
        eventLoop.execute { self.handler.value.revoke() }
    }

    /// The relay stops.
    func shutDown() {
        eventLoop.execute { self.handler.value.shutDown() }
    }
}
