import Keys
import Logging
import NIOCore
import NIOHTTP2
import NoiseProtocol
import ServiceKit

/// Sets up a connection that asked for Noise: handshake, records, early payload, HTTP/2.
enum NoiseConnection {
    /// HTTP/2 streams a client may have open at once: one map stream and a few short requests.
    static let concurrentStreamLimit = 100

    /// Answers the initiation on a channel of plain bytes, and installs the rest or closes.
    ///
    /// Faults of form are answered in the clear, as clients expect; failed decryption is not.
    static func install(
        on channel: any Channel,
        key: MachinePrivateKey,
        initiation: [UInt8],
        sendsEarlyPayload: Bool,
        source: String?,
        router: MachineRouter,
        logger: Logger
    ) throws {
        let acceptance: NoiseAcceptance
        do {
            acceptance = try NoiseResponder(key: key).accept(ByteBuffer(bytes: initiation))
        } catch {
            ControlGatewayMetrics.handshake("failed")
            logger.debug("noise handshake failed", metadata: [LogKey.error: "\(error)"])
            refuse(channel, error)
            return
        }
        ControlGatewayMetrics.handshake("ok")
        var opening = acceptance.response
        let handler = try NoiseRecordHandler(keys: acceptance.keys)
        if sendsEarlyPayload {
            var early = ByteBuffer()
            EarlyPayload(challenge: ChallengePrivateKey.generate().publicKey).encode(into: &early)
            try handler.sender.seal(&early, into: &opening)
        }
        channel.write(opening, promise: nil)
        try channel.pipeline.syncOperations.addHandler(handler)
        try installHTTP2(on: channel, client: acceptance.client, source: source, router: router)
        channel.flush()
    }

    private static func refuse(_ channel: any Channel, _ error: NoiseError) {
        var answer = ByteBuffer()
        if let text = error.textForPeer { NoiseErrorMessage(text: text).encode(into: &answer) }
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
    }

    private static func installHTTP2(
        on channel: any Channel,
        client: MachinePublicKey,
        source: String?,
        router: MachineRouter
    ) throws {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: concurrentStreamLimit),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 16 << 10),
        ]
        // Clients send a `host` that differs from `:authority`, and the Go client a body without its length.
        connection.headerBlockValidation = .disabled
        connection.contentLengthValidation = .disabled
        _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server,
            connectionConfiguration: connection,
            streamConfiguration: .init()
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(
                    MachineStreamHandler(router: router, machineKey: client, source: source)
                )
            }
        }
        try channel.pipeline.syncOperations.addHandler(ConnectionCloser())
    }
}

/// Closes a connection whose records or frames went wrong.
private final class ConnectionCloser: ChannelInboundHandler {
    typealias InboundIn = Never

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
