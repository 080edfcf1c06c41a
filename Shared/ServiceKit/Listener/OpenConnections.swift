import NIOCore
import Synchronization

/// The connections of a listener, to bound them and to end them.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var emptied: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Returns false when the connection must not go on: there are too many, or the listener stops.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let accepted = state.withLock { state in
            guard !state.isDraining, state.channels.count < limit else { return false }
            state.channels[id] = channel
            return true
        }
        if accepted { channel.closeFuture.whenComplete { [weak self] _ in self?.remove(id) } }
        return accepted
    }

    /// Asks all connections to end, and after `timeout`, or when the task is cancelled, ends them.
    func drain(within timeout: Duration, on loop: any EventLoop) async {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        await waitUntilEmpty(within: timeout, on: loop)
        let left = state.withLock { Array($0.channels.values) }
        for channel in left { channel.triggerUserOutboundEvent(HardClose.Event(), promise: nil) }
        await waitUntilEmpty(within: .seconds(1), on: loop)
    }

    private func waitUntilEmpty(within timeout: Duration, on loop: any EventLoop) async {
        let emptied = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            state.emptied = emptied
            return state.channels.isEmpty
        }
        if isEmpty { emptied.succeed() }
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) { emptied.succeed() }
        await withTaskCancellationHandler {
            try? await emptied.futureResult.get()
        } onCancel: {
            emptied.succeed()
        }
        deadline.cancel()
        state.withLock { $0.emptied = nil }
    }

    private func remove(_ id: ObjectIdentifier) {
        let emptied = state.withLock { state in
            state.channels[id] = nil
            return state.channels.isEmpty ? state.emptied : nil
        }
        emptied?.succeed()
    }
}
