import Synchronization

/// Messages that wait for one reader, in order.
final class Mailbox: Sendable {
    enum AtLimit: Sendable {
        case loseOldest
        case refuseNewest
    }

    private struct State {
        /// Those before `head` were taken.
        var messages: [IncomingMessage?] = []
        var head = 0
        var length = 0
        var isClosed = false
        var waiter: CheckedContinuation<IncomingMessage?, Never>?

        var count: Int { messages.count - head }

        mutating func take() -> IncomingMessage? {
            guard head < messages.count, let message = messages[head] else { return nil }
            messages[head] = nil
            head += 1
            if head >= 1024, head * 2 >= messages.count {
                messages.removeFirst(head)
                head = 0
            }
            length -= message.payload.count
            return message
        }
    }

    private let countLimit: Int
    private let lengthLimit: Int
    private let atLimit: AtLimit
    private let state = Mutex(State())

    init(countLimit: Int, lengthLimit: Int, atLimit: AtLimit) {
        self.countLimit = countLimit
        self.lengthLimit = lengthLimit
        self.atLimit = atLimit
    }

    /// Puts a message in; returns how many were lost by that, the message itself included.
    func put(_ message: IncomingMessage) -> Int {
        let (waiter, lost) = state.withLock { state -> (CheckedContinuation<IncomingMessage?, Never>?, Int) in
            if state.isClosed { return (nil, 1) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, 0)
            }
            var lost = 0
            while state.count >= countLimit || (state.count > 0 && state.length + message.payload.count > lengthLimit) {
                if atLimit == .refuseNewest { return (nil, 1) }
                _ = state.take()
                lost += 1
            }
            state.messages.append(message)
            state.length += message.payload.count
            return (nil, lost)
        }
        waiter?.resume(returning: message)
        return lost
    }

    /// The next message; `nil` when the box is closed or the task is cancelled.
    ///
    /// One reader at a time.
    func next() async -> IncomingMessage? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let (isReady, message) = state.withLock { state -> (Bool, IncomingMessage?) in
                    if state.isClosed || Task.isCancelled { return (true, nil) }
                    if let message = state.take() { return (true, message) }
                    state.waiter = waiter
                    return (false, nil)
                }
                if isReady { waiter.resume(returning: message) }
            }
        } onCancel: {
            wake()
        }
    }

    /// Ends reading; what is in the box can still be taken out.
    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    func takeAll() -> [IncomingMessage] {
        state.withLock { state in
            var taken: [IncomingMessage] = []
            while let message = state.take() { taken.append(message) }
            return taken
        }
    }

    private func wake() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: nil)
    }
}
