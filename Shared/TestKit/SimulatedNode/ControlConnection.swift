import Keys
import NIOCore
import NIOHPACK
import NIOHTTP2
import TailcfgWire

/// One Noise connection with HTTP/2 inside, and any number of requests on it.
final class ControlConnection: Sendable {
    private let channel: any Channel
    private let streams: NIOHTTP2Handler.StreamMultiplexer

    private init(channel: any Channel, streams: NIOHTTP2Handler.StreamMultiplexer) {
        self.channel = channel
        self.streams = streams
    }

    static func open(
        _ address: ServerAddress,
        key: MachinePrivateKey,
        capabilityVersion: Int
    ) async throws -> ControlConnection {
        let server = try await PlainConnection.serverKey(of: address, capabilityVersion: capabilityVersion)
        let channel = try await NoiseConnection.open(
            address,
            key: key,
            server: server,
            capabilityVersion: capabilityVersion
        ) { channel in
            _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                mode: .client,
                connectionConfiguration: .init(),
                streamConfiguration: .init()
            ) { pushed in
                // Nobody pushes to us: push is off in our settings.
                pushed.close()
            }
        }
        let streams = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: NIOHTTP2Handler.self).syncMultiplexer()
        }.get()
        return ControlConnection(channel: channel, streams: streams)
    }

    var isActive: Bool { channel.isActive }

    /// Asks, and waits for the whole answer.
    func request(_ request: ControlRequest) async throws -> ControlAnswer {
        let promise = channel.eventLoop.makePromise(of: ControlAnswer.self)
        let stream = try await open(request, promise) { AnswerCollector(request: request, answer: promise) }
        return try await answer(promise, of: stream, to: request)
    }

    /// Asks for a map stream, and waits for its status; messages go to `session` from then on.
    func startMap(_ request: ControlRequest, into session: MapSession) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let stream = try await open(request, promise) { MapStreamReader(session: session, started: promise) }
        session.attach(stream)
        try await answer(promise, of: stream, to: request)
    }

    private func open<Answer>(
        _ request: ControlRequest,
        _ promise: EventLoopPromise<Answer>,
        reader: @escaping @Sendable () -> some ChannelHandler
    ) async throws -> any Channel {
        do {
            let stream = try await streams.createStreamChannel { stream in
                stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(reader()) }
            }.get()
            send(request, on: stream).whenFailure { promise.fail($0) }
            return stream
        } catch {
            promise.fail(error)
            throw error
        }
    }

    private func send(_ request: ControlRequest, on stream: any Channel) -> EventLoopFuture<Void> {
        var headers = HPACKHeaders([
            (":method", request.method), (":scheme", "https"), (":authority", "unused"), (":path", request.path),
        ])
        for (name, value) in request.headers { headers.add(name: name, value: value) }
        let isEmpty = request.body.readableBytes == 0
        let sent = stream.write(HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: isEmpty)))
        if !isEmpty {
            let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(request.body), endStream: true)
            stream.write(HTTP2Frame.FramePayload.data(data), promise: nil)
        }
        stream.flush()
        return sent
    }

    private func answer<Answer: Sendable>(
        _ promise: EventLoopPromise<Answer>,
        of stream: any Channel,
        to request: ControlRequest
    ) async throws -> Answer {
        let timeout = channel.eventLoop.scheduleTask(in: PatienceLimit.answer) {
            promise.fail(SimulatedClientError.noAnswer(to: request.path))
            stream.close(promise: nil)
        }
        defer { timeout.cancel() }
        return try await promise.futureResult.get()
    }

    /// Drops the connection without a word, as a client that loses its network.
    func close() async {
        channel.close(promise: nil)
        try? await channel.closeFuture.get()
    }
}
