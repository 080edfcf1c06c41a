import CoreMetrics
import Dispatch
import Logging
import ServiceKit
import Synchronization

/// What runs on the queue: all that may wait for a socket.
extension NATSConnection {
    private static let backoff = Backoff(first: .milliseconds(50), cap: .seconds(2), jitter: 0.5)
    /// Attempts between two lines of log about a server that stays away.
    private static let attemptsPerWarning = 30

    func open() {
        guard phase == .connecting else { return }
        let serial = current.withLock { current in
            current.serial += 1
            return current.serial
        }
        do {
            let link = try makeLink(serial)
            current.withLock { $0.link = link }
            state.withLock { state in
                state.phase = .connected
                state.payloadLimit = link.payloadLimit
                state.attempt = 0
            }
        } catch {
            return reopen(after: error)
        }
        metrics.isConnected.set(1)
        metrics.connections.increment()
        logger.notice("connected to NATS")
    }

    private func makeLink(_ serial: UInt64) throws(NATSBusError) -> NATSLink {
        let listener = NATSLink.Listener(
            closed: { [weak self] in self?.linkClosed(serial) },
            failed: { [weak self] reason, isSlowReader in self?.linkFailed(reason, isSlowReader) }
        )
        var link = try NATSLink(configuration, listener: listener)
        do {
            for (id, interest) in state.withLock({ $0.interests }) { try link.subscribe(id, interest) }
        } catch {
            link.destroy()
            throw error
        }
        return link
    }

    /// Tells the server what is in the outbox, in order.
    func write() {
        while true {
            let items = state.withLock { state -> [Item] in
                let items = state.outbox
                state.outbox = []
                state.outboxLength = 0
                if items.isEmpty { state.isWriting = false }
                return items
            }
            if items.isEmpty { return }
            for (index, item) in items.enumerated() {
                let failure =
                    switch item {
                    case .message(let message): current.withLock { transmit(message, &$0) }
                    case .interest(let id): update(id)
                    }
                guard let failure else { continue }
                countLost(items[index...])
                lose(failure)
                break
            }
        }
    }

    /// Subscribes or unsubscribes.
    private func update(_ id: UInt64) -> NATSBusError? {
        let interest = state.withLock { $0.interests[id] }
        return current.withLock { current -> NATSBusError? in
            guard let interest else {
                current.link?.unsubscribe(id)
                return nil
            }
            do throws(NATSBusError) {
                try current.link?.subscribe(id, interest)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Writes what is in the outbox and waits until the server has it.
    func flush() -> Bool {
        write()
        return current.withLock { $0.link?.flush() ?? false }
    }

    private func transmit(_ message: OutgoingMessage, _ current: inout Current) -> NATSBusError? {
        guard let link = current.link else { return .disconnected }
        do throws(NATSBusError) {
            if message.payload.count <= link.payloadLimit {
                try link.send(message)
            } else if message.mayBeCut {
                current.lastPart += 1
                let id = "\(senderID).\(current.lastPart)"
                for (part, payload) in MessagePart.cut(message.payload, id: id, size: link.payloadLimit) {
                    var piece = message
                    piece.payload = payload
                    piece.headers.append((.part, part.text))
                    try link.send(piece)
                }
            }
            // A request that was whole for the server of before and is not for this one: its asker gets a time-out.
            return nil
        } catch {
            return error
        }
    }

    /// The library says that a link is closed.
    private func linkClosed(_ serial: UInt64) {
        queue.async {
            guard self.current.withLock({ $0.serial == serial && $0.link != nil }) else { return }
            self.lose(.disconnected)
        }
    }

    private func linkFailed(_ reason: String, _ isSlowReader: Bool) {
        if isSlowReader { metrics.lostSlowReader.increment() }
        logger.warning("NATS reports a fault", metadata: [LogKey.error: "\(reason)"])
    }

    /// Gives the link up, and makes a new one.
    private func lose(_ error: NATSBusError) {
        guard current.withLock({ $0.link != nil }) else { return }
        drop()
        guard phase != .closed else { return }
        logger.warning("lost the connection to NATS", metadata: [LogKey.error: "\(error)"])
        reopen(after: nil)
    }

    /// Destroys the link, with what was to go over it.
    func drop() {
        let link = current.withLock { current in
            let link = current.link
            current.link = nil
            return link
        }
        let unsent = state.withLock { state in
            if state.phase == .connected { state.phase = .connecting }
            let unsent = state.outbox
            state.outbox = []
            state.outboxLength = 0
            return unsent
        }
        countLost(unsent[...])
        metrics.isConnected.set(0)
        link?.destroy()
    }

    /// Connects again after a while, longer and longer.
    private func reopen(after error: NATSBusError?) {
        let attempt = state.withLock { state in
            state.attempt += 1
            return state.attempt
        }
        if let error, attempt % Self.attemptsPerWarning == 1 {
            logger.warning("NATS cannot be reached, trying again", metadata: [LogKey.error: "\(error)"])
        }
        let delay = Self.backoff.delay(attempt: attempt - 1)
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(delay.milliseconds))) { [weak self] in self?.open() }
    }

    private func countLost(_ items: ArraySlice<Item>) {
        let events = items.count { if case .message(let message) = $0 { message.isEvent } else { false } }
        if events > 0 { metrics.lostDisconnected.increment(by: events) }
    }
}
