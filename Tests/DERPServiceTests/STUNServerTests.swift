import NIOCore
import NIOPosix
import STUNProtocol
import Testing

@testable import DERPService

@Suite("STUN server", .timeLimit(.minutes(1)))
struct STUNServerTests {
    @Test("a client hears the address and port it sent from, on both families", arguments: ["127.0.0.1", "::1"])
    func answers(address: String) async throws {
        try await withServer(host: "::", client: address) { client in
            let transaction = STUNTransactionID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C)
            var request = ByteBuffer()
            STUNBindingRequest(transaction: transaction).encode(into: &request)
            let response = try STUNBindingResponse(decoding: try await client.exchange(request))
            #expect(response.transaction == transaction)
            #expect(response.address.socketAddress == client.address)
        }
    }

    @Test("what is no binding request of a client is not answered, and the server goes on")
    func garbage() async throws {
        try await withServer(host: "127.0.0.1", client: "127.0.0.1") { client in
            let transaction = STUNTransactionID(high: 1, low: 2)
            var request = ByteBuffer()
            STUNBindingRequest(transaction: transaction).encode(into: &request)
            var broken = request
            broken.setInteger(UInt8(0xFF), at: broken.writerIndex - 1)
            // Header alone: a valid request, but without checksum.
            var bare = request.getSlice(at: 0, length: 20) ?? ByteBuffer()
            bare.setInteger(UInt16(0), at: 2)
            for datagram in [
                ByteBuffer(), ByteBuffer(string: "hello"), broken, bare, ByteBuffer(repeating: 0, count: 1400),
            ] {
                try await client.send(datagram)
            }
            let response = try STUNBindingResponse(decoding: try await client.exchange(request))
            #expect(response.transaction == transaction)
        }
    }

    @Test("an address that is taken stops the start")
    func taken() async throws {
        try await withServer(host: "127.0.0.1", client: "127.0.0.1") { client in
            await #expect(throws: DERPServiceError.self) {
                _ = try await STUNServer.bind(
                    host: "203.0.113.1",
                    port: client.serverPort,
                    group: MultiThreadedEventLoopGroup.singleton,
                    metrics: DERPMetrics()
                )
            }
        }
    }

    private struct Client {
        let channel: any Channel
        let answers: AsyncStream<ByteBuffer>
        let server: SocketAddress

        var address: SocketAddress? { channel.localAddress }
        var serverPort: Int { server.port ?? 0 }

        func send(_ datagram: ByteBuffer) async throws {
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: datagram))
        }

        func exchange(_ datagram: ByteBuffer) async throws -> ByteBuffer {
            try await send(datagram)
            var iterator = answers.makeAsyncIterator()
            return try #require(await iterator.next())
        }
    }

    private func withServer(host: String, client: String, body: (Client) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await STUNServer.bind(host: host, port: 0, group: group, metrics: DERPMetrics())
        let (answers, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(answers: continuation))
                }
            }
            .bind(host: client, port: 0).get()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run() }
            try await body(
                Client(
                    channel: channel,
                    answers: answers,
                    server: try SocketAddress(ipAddress: client, port: server.port)
                )
            )
            tasks.cancelAll()
        }
        try await channel.close()
    }
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let answers: AsyncStream<ByteBuffer>.Continuation

    init(answers: AsyncStream<ByteBuffer>.Continuation) {
        self.answers = answers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answers.yield(unwrapInboundIn(data).data)
    }
}
