import NIOCore
import Synchronization
public import TailcfgWire
import Zstandard

/// One map stream of a simulated node: its view of the network, and what came.
public final class MapSession: Sendable {
    /// Messages kept for tests to look at.
    public static let recentLimit = 64
    /// Longest message accepted, in bytes after decompression.
    public static let messageLimit = 64 << 20

    /// How a stream ended.
    public enum Ending: Hashable, Sendable {
        /// The server said that there is no more.
        case endStream
        case reset(String)
        case connectionClosed
    }

    /// What a stream has brought so far.
    public struct Snapshot: Sendable {
        public var view = NetworkView()
        /// All messages, keep-alives among them.
        public var messageCount = 0
        /// Bytes of the stream, length prefixes included.
        public var byteCount = 0
        public var keepAliveCount = 0
        /// Questions of the server whether the client is there.
        public var pings: [ClientPingRequest] = []
        /// Peers that were told as offline after they were online, in order.
        public var wentOffline: [Int64] = []
        /// The last messages, oldest first.
        public var recent: [ClientMapResponse] = []
        /// What no real client would stand, or no correct server would send.
        public var faults: [String] = []
        public var ending: Ending?

        /// The messages after the first `count`, as far as they are kept.
        public func messages(after count: Int) -> ArraySlice<ClientMapResponse> {
            recent.suffix(max(0, messageCount - count))
        }
    }

    private struct State {
        var snapshot = Snapshot()
        var frames = MapFrameDecoder(payloadLimit: MapSession.messageLimit)
        var stream: (any Channel)?
    }

    private let state = Mutex(State())
    private let isCompressed: Bool
    private let isRead: Bool
    private let onMessage: (@Sendable (ClientMapResponse) -> Void)?

    init(_ options: SimulatedNode.MapOptions) {
        isCompressed = options.isCompressed
        isRead = options.isRead
        onMessage = options.onMessage
    }

    public var snapshot: Snapshot { state.withLock { $0.snapshot } }
    public var view: NetworkView { state.withLock { $0.snapshot.view } }

    /// Stops reading: what the server sends then waits in windows and buffers, as at a client that hangs.
    public func pauseReading() async throws {
        try await state.withLock { $0.stream }?.setOption(.autoRead, value: false).get()
    }

    public func resumeReading() async throws {
        guard let stream = state.withLock({ $0.stream }) else { return }
        try await stream.setOption(.autoRead, value: true).get()
        // The option alone does not ask for what waits already.
        stream.read()
    }

    /// Resets this stream alone; the connection stays.
    public func cancel() {
        state.withLock { $0.stream }?.close(promise: nil)
    }

    func attach(_ stream: any Channel) {
        state.withLock { $0.stream = stream }
    }

    func ended(_ ending: Ending) {
        state.withLock { state in
            guard state.snapshot.ending == nil else { return }
            state.snapshot.ending = ending
            state.stream = nil
        }
    }

    func received(_ bytes: ByteBuffer) {
        let messages = state.withLock { state in
            state.snapshot.byteCount += bytes.readableBytes
            guard isRead else { return [ClientMapResponse]() }
            state.frames.append(bytes)
            var messages: [ClientMapResponse] = []
            do {
                while let payload = try state.frames.next() {
                    messages.append(try received(payload: payload, &state.snapshot))
                }
            } catch {
                state.snapshot.faults.append("\(error)")
            }
            return messages
        }
        if let onMessage { messages.forEach(onMessage) }
    }

    private func received(payload: ByteBuffer, _ snapshot: inout Snapshot) throws -> ClientMapResponse {
        let text = isCompressed ? try ZstdDecompressor.decompress(payload, outputLimit: Self.messageLimit) : payload
        // The exact bytes that arm a faulty shortcut of the Go client.
        if String(buffer: text) == #"{"KeepAlive":true}"# { snapshot.faults.append("keep-alive of 18 bytes") }
        let message = try ClientMapResponse.decode(text)
        snapshot.messageCount += 1
        if message.keepAlive == true { snapshot.keepAliveCount += 1 }
        if let ping = message.pingRequest { snapshot.pings.append(ping) }
        snapshot.recent.append(message)
        if snapshot.recent.count > Self.recentLimit { snapshot.recent.removeFirst() }
        // Not all peers: a copy of the view for each message would cost more than the message.
        let online = message.namedPeers(in: snapshot.view).filter { snapshot.view.peers[$0]?.isOnline == true }
        snapshot.faults += snapshot.view.apply(message)
        for id in online {
            if let peer = snapshot.view.peers[id], peer.isOnline != true { snapshot.wentOffline.append(id) }
        }
        return message
    }
}

extension ClientMapResponse {
    /// Peers of a view that the message may change.
    fileprivate func namedPeers(in view: NetworkView) -> Set<Int64> {
        guard peers == nil else { return Set(view.peers.keys) }
        var ids = Set((peersChanged ?? []).map(\.id))
        ids.formUnion((peersChangedPatch ?? []).map(\.node))
        ids.formUnion((onlineChange ?? [:]).keys.compactMap { Int64($0) })
        return ids
    }
}
