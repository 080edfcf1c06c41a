import DERPProtocol
import Keys
import Logging
import Metrics
import NIOCore
import ServiceKit
import Synchronization

/// Hands packets from client to client, by node key, across event loops.
///
/// Packets of one read for one destination travel in one piece: one look-up, one hop to the destination's loop at most, one
/// flush. Who is connected is behind one lock, held for look-ups only.
final class DERPRelay: Sendable {
    let key: DERPPrivateKey
    let limits: DERPRelayLimits
    let metrics: DERPMetrics
    let logger: Logger
    let randomness: DERPRandomness
    private let admission: DERPAdmission
    private let directory: Mutex<RelayDirectory>

    init(
        key: DERPPrivateKey,
        admission: DERPAdmission,
        limits: DERPRelayLimits,
        metrics: DERPMetrics,
        logger: Logger,
        randomness: DERPRandomness
    ) {
        self.key = key
        self.admission = admission
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        self.randomness = randomness
        directory = Mutex(RelayDirectory(audienceLimit: limits.audience))
    }

    /// Those in the handshake included.
    var connectionCount: Int { directory.withLock { $0.connectionCount } }
    var hasRoom: Bool { connectionCount < limits.clients }
    var connectedKeys: [NodePublicKey] { directory.withLock { $0.connectedKeys } }

    /// Turns a channel of plain bytes into a client's connection; on the channel's event loop.
    func install(on channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(DERPClientHandler(relay: self))
    }

    /// A connection begins its handshake; on its event loop.
    func attach(_ handler: DERPClientHandler, eventLoop: any EventLoop) -> RelayConnection {
        let mailbox = Mailbox(limits: limits)
        let id = directory.withLock { $0.makeID() }
        let connection = RelayConnection(id: id, mailbox: mailbox, eventLoop: eventLoop, handler: handler)
        directory.withLock { $0.add(connection) }
        metrics.accepts.increment()
        metrics.connections.increment()
        return connection
    }

    /// Asks whether this client may come in; answers on any thread, perhaps before it returns.
    func admit(_ key: NodePublicKey, answer: @escaping @Sendable (Bool) -> Void) {
        admission.ask(key, answer: answer)
    }

    /// The connection receives packets for `key` from now on.
    func open(_ connection: RelayConnection, key: NodePublicKey) {
        let isDuplicate = directory.withLock { $0.open(connection, key: key) }
        if isDuplicate { metrics.duplicates.increment() }
    }

    /// The client sent a frame.
    func sent(_ connection: RelayConnection, key: NodePublicKey) {
        directory.withLock { $0.sent(connection, key: key) }
    }

    /// Hands packets on; returns the destinations of disco packets that are not here.
    func forward(_ deliveries: [OutgoingPackets.Delivery], from source: NodePublicKey) -> [NodePublicKey] {
        let targets = directory.withLock { directory in
            deliveries.map { directory.route(from: source, to: $0.destination) }
        }
        var missing: [NodePublicKey] = []
        var woken: [RelayConnection] = []
        for (delivery, target) in zip(deliveries, targets) {
            let count = delivery.batch.count
            metrics.receivedPackets.increment(by: count)
            metrics.receivedBytes.increment(by: delivery.batch.bytes.readableBytes)
            guard let target else {
                metrics.dropped(count, .unknownDestination)
                if delivery.isDisco { missing.append(delivery.destination) }
                continue
            }
            if put(delivery.batch, in: delivery.isDisco ? .disco : .other, of: target) { woken.append(target) }
        }
        wake(woken)
        return missing
    }

    /// The connection is gone.
    func detach(_ connection: RelayConnection, key: NodePublicKey?) {
        connection.mailbox.close()
        metrics.connections.decrement()
        let audience = directory.withLock { $0.remove(connection, key: key) }
        guard let key, !audience.isEmpty else { return }
        let notice = PacketBatch(frame: PeerGoneFrame(peer: key, reason: .disconnected).encoded)
        metrics.peerGoneDisconnected.increment(by: audience.count)
        wake(audience.filter { put(notice, in: .notice, of: $0) })
    }

    /// Disconnects all connections of these keys.
    func disconnect(_ keys: [NodePublicKey]) {
        let connections = directory.withLock { directory in keys.flatMap { directory.connections(key: $0) } }
        for connection in connections { connection.revoke() }
    }

    /// Disconnects everybody.
    func shutDown() {
        for connection in directory.withLock({ $0.allConnections }) { connection.shutDown() }
    }

    /// Whether the connection's loop must be woken.
    private func put(_ batch: PacketBatch, in lane: Mailbox.Lane, of target: RelayConnection) -> Bool {
        let outcome = target.mailbox.put(batch, in: lane)
        metrics.dropped(outcome.isClosed ? batch.count : 0, .disconnected)
        metrics.dropped(outcome.dropped, .queueHead)
        return outcome.mustWake
    }

    /// One hop a loop.
    private func wake(_ connections: [RelayConnection]) {
        guard connections.count > 1 else {
            connections.first?.drain()
            return
        }
        let groups = Dictionary(grouping: connections) { ObjectIdentifier($0.eventLoop) }
        for group in groups.values { group.first?.drain(with: group.dropFirst()) }
    }
}
