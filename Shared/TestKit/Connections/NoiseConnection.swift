import Foundation
public import Keys
public import NIOCore
import NIOPosix
import NoiseProtocol

/// Opens `/ts2021` connections as a client does.
public enum NoiseConnection {
    /// The head of the upgrade request.
    public static func upgradeRequest(initiation: ByteBuffer, to address: ServerAddress) -> ByteBuffer {
        let handshake = Data(initiation.readableBytesView).base64EncodedString()
        return ByteBuffer(string: upgradeRequest(handshake: handshake, to: address))
    }

    /// The head of the upgrade request with any handshake text.
    public static func upgradeRequest(handshake: String, to address: ServerAddress) -> String {
        "POST /ts2021 HTTP/1.1\r\nHost: \(address.host):\(address.port)\r\n"
            + "Upgrade: tailscale-control-protocol\r\nConnection: upgrade\r\n"
            + "X-Tailscale-Handshake: \(handshake)\r\nContent-Length: 0\r\n\r\n"
    }

    /// Connects, upgrades and shakes hands; `install` adds what lives on the plaintext.
    static func open(
        _ address: ServerAddress,
        key: MachinePrivateKey,
        server: MachinePublicKey,
        capabilityVersion: Int,
        install: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        let version = UInt16(truncatingIfNeeded: capabilityVersion)
        let initiator = try NoiseInitiator(key: key, server: server, version: version)
        let request = upgradeRequest(initiation: initiator.initiation, to: address)
        let ready = ClientChannel.group.next().makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientChannel.connect(to: address) { channel in
                let handler = NoiseClientHandler(
                    request: request,
                    initiator: initiator,
                    ready: ready,
                    install: install
                )
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        } catch {
            ready.fail(error)
            throw error
        }
        let timeout = channel.eventLoop.scheduleTask(in: PatienceLimit.answer) {
            ready.fail(SimulatedClientError.noAnswer(to: "handshake"))
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        try await ready.futureResult.get()
        return channel
    }
}

/// A Noise session on which a test says what it likes instead of HTTP/2.
public final class RawNoiseConnection: Sendable {
    private let channel: any Channel
    private let record: ByteRecord

    private init(channel: any Channel, record: ByteRecord) {
        self.channel = channel
        self.record = record
    }

    public static func open(
        _ address: ServerAddress,
        key: MachinePrivateKey,
        capabilityVersion: Int
    ) async throws -> RawNoiseConnection {
        let server = try await PlainConnection.serverKey(of: address, capabilityVersion: capabilityVersion)
        let record = ByteRecord()
        let channel = try await NoiseConnection.open(
            address,
            key: key,
            server: server,
            capabilityVersion: capabilityVersion
        ) { channel in
            try channel.pipeline.syncOperations.addHandler(ByteRecorder(record: record))
        }
        return RawNoiseConnection(channel: channel, record: record)
    }

    /// Sends plaintext in good records.
    public func send(_ plaintext: ByteBuffer) {
        channel.writeAndFlush(plaintext, promise: nil)
    }

    /// Sends bytes in place of a record.
    public func sendUnsealed(_ bytes: ByteBuffer) {
        channel.triggerUserOutboundEvent(NoiseClientHandler.UnsealedBytes(bytes: bytes), promise: nil)
    }

    /// The plaintext that has come, without the early payload.
    public var received: ByteBuffer { record.bytes }
    public var isClosed: Bool { record.isClosed }

    /// Waits until the server has ended the connection.
    public func untilClosed() async throws {
        try await eventually("the server closes the connection") { isClosed }
    }

    public func close() {
        channel.close(promise: nil)
    }
}
