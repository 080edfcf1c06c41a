import Bus
import ControlModel
import CoreMetrics
import Foundation
import Keys
import NIOCore
import Synchronization

extension NetmapEngine {
    /// What a map request asks for.
    struct Opening: Sendable {
        var node: NodeID
        var isCompressed: Bool
        var wantsKeepAlive: Bool
        /// As the request says, zero for none: the row may still have the one before.
        var discoKey = DiscoPublicKey.zero
        /// As the request says, for the same reason.
        var hostinfo: Hostinfo?
    }

    /// Opens a stream: its first message, its cursor, and its place as the node's only stream.
    ///
    /// `nil` when the node is gone. Whoever opens must close, with ``streamClosed(node:id:)``.
    func open(_ opening: Opening) async -> OpenedMap? {
        await untilCurrent(opening.node)
        return await openNow(opening)
    }

    private func openNow(_ opening: Opening) async -> OpenedMap? {
        await onLoop { state in
            let id = self.streamCounter.add(1, ordering: .relaxed).newValue
            guard let opened = self.open(opening, stream: id, &state) else { return nil }
            state.order.opened(opening.node, stream: id, now: .now())
            return opened
        }
    }

    /// A whole map that no stream follows; `nil` when the node is gone.
    func singleMap(for id: NodeID, isCompressed: Bool, withPeers: Bool) async -> MapPayload? {
        await untilCurrent(id)
        return await singleMapNow(for: id, isCompressed: isCompressed, withPeers: withPeers)
    }

    private func singleMapNow(for id: NodeID, isCompressed: Bool, withPeers: Bool) async -> MapPayload? {
        await onLoop { state in
            guard let node = state.netmap.replica.nodes[id] else { return nil }
            return state.netmap.fullMap(for: node, isCompressed: isCompressed, withPeers: withPeers, now: self.now())
        }
    }

    /// A full map for a stream that fell behind; answers on `streamLoop`, with `nil` when only a new stream can say all.
    func reopen(
        _ opening: Opening,
        stream: UInt64,
        on streamLoop: any EventLoop,
        answer: @escaping @Sendable (OpenedMap?) -> Void
    ) {
        loop.execute {
            // By now the row is at least as new as the request was.
            var opening = opening
            (opening.discoKey, opening.hostinfo) = (.zero, nil)
            let isCurrent = self.state.value.netmap.viewers[opening.node]?.stream == stream
            var opened: OpenedMap?
            if isCurrent, self.state.value.netmap.hasPeers(besides: opening.node) {
                opened = self.open(opening, stream: stream, &self.state.value)
            }
            streamLoop.execute { [opened] in answer(opened) }
        }
    }

    /// A stream has started; if a newer one took its place meanwhile it ends.
    func streamStarted(node: NodeID, id: UInt64) {
        loop.execute {
            guard self.state.value.netmap.viewers[node]?.stream == id,
                let number = self.state.value.order.number(of: node, stream: id)
            else { return self.finish([id]) }
            self.announcer.opened(node, number: number)
        }
    }

    func streamClosed(node: NodeID, id: UInt64) {
        loop.execute {
            if self.state.value.order.closed(node, stream: id) { self.announcer.closed(node) }
            guard self.state.value.netmap.viewers[node]?.stream == id else { return }
            self.state.value.netmap.removeViewer(node)
        }
    }

    /// Ends streams whose nodes have newer ones at another gateway.
    func streamsOpened(_ event: StreamsOpened) {
        loop.execute {
            let older = self.state.value.order.hear(event, now: .now())
            for (node, stream) in older {
                self.announcer.closed(node)
                if self.state.value.netmap.viewers[node]?.stream == stream {
                    self.state.value.netmap.removeViewer(node)
                }
            }
            self.metrics.moved.increment(by: older.count)
            self.finish(older.values.sorted())
        }
    }

    /// The streams of one event loop.
    func streams(on streamLoop: any EventLoop) -> LoopStreams {
        loops.withLock { loops in
            let key = ObjectIdentifier(streamLoop)
            if let streams = loops[key] { return streams }
            let streams = LoopStreams(eventLoop: streamLoop, now: now)
            loops[key] = streams
            return streams
        }
    }

    var allLoops: [LoopStreams] { loops.withLock { Array($0.values) } }

    /// Sends a message that is about no state to a stream, wherever it is.
    func send(_ message: ByteBuffer, toStream id: UInt64) {
        for streams in allLoops { streams.send(message, to: id) }
    }

    func finish(_ ids: [UInt64]) {
        guard !ids.isEmpty else { return }
        for streams in allLoops { streams.finish(ids) }
    }

    private func open(_ opening: Opening, stream: UInt64, _ state: inout State) -> OpenedMap? {
        guard var node = state.netmap.replica.nodes[opening.node] else { return nil }
        // Told now, it is no news when the registry has written it.
        if !opening.discoKey.isZero { node.discoKey = opening.discoKey }
        if let said = opening.hostinfo, !said.clientVersion.isEmpty {
            (node.hostinfo.clientVersion, node.hostinfo.goVersion) = (said.clientVersion, said.goVersion)
        }
        let now = now()
        let replaced = state.netmap.viewers[opening.node]?.stream
        let first = state.netmap.fullMap(for: node, isCompressed: opening.isCompressed, now: now)
        state.netmap.addViewer(node, stream: stream, isCompressed: opening.isCompressed, now: now)
        if let replaced, replaced != stream { finish([replaced]) }
        guard let cursor = state.netmap.cursor(of: opening.node) else { return nil }
        return OpenedMap(opening: opening, stream: stream, first: first, cursor: cursor, engine: self)
    }
}
