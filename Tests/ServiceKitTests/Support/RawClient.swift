import NIOCore
import NIOPosix
import NIOSSL

/// A client that sends exactly the bytes it is told to, and reads what comes.
final class RawClient {
    struct UnexpectedEnd: Error {
        let received: String
    }

    struct Response {
        let head: String
        let body: String

        var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                    return String(parts[1].drop { $0 == " " })
                }
            }
            return nil
        }
    }

    let channel: any Channel
    private var chunks: AsyncStream<ByteBuffer>.Iterator
    private var received = ByteBuffer()

    private init(channel: any Channel, chunks: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.chunks = chunks.makeAsyncIterator()
    }

    /// - Parameter preface: goes out before everything, TLS included.
    static func connect(
        to address: SocketAddress,
        tls: NIOSSLContext? = nil,
        preface: [UInt8] = []
    ) async throws -> RawClient {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let sync = channel.pipeline.syncOperations
                    if !preface.isEmpty { try sync.addHandler(Preface(bytes: preface)) }
                    if let tls { try sync.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
                    try sync.addHandler(Collector(continuation: continuation))
                }
            }
            .connect(to: address).get()
        return RawClient(channel: channel, chunks: stream)
    }

    func send(_ text: String) async throws {
        try await send(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    /// Reads exactly `count` bytes.
    func receive(_ count: Int) async throws -> String {
        while received.readableBytes < count { try await more() }
        return received.readString(length: count) ?? ""
    }

    func receiveBytes(_ count: Int) async throws -> [UInt8] {
        while received.readableBytes < count { try await more() }
        return received.readBytes(length: count) ?? []
    }

    /// Reads up to and including `mark`.
    func receive(through mark: String) async throws -> String {
        while true {
            let text = String(buffer: received)
            if let range = text.firstRange(of: mark) {
                let part = String(text[..<range.upperBound])
                received.moveReaderIndex(forwardBy: part.utf8.count)
                return part
            }
            try await more()
        }
    }

    /// Reads one response, framed by its length or in chunks; of a HEAD request the head alone.
    func response(hasBody: Bool = true) async throws -> Response {
        let head = try await receive(through: "\r\n\r\n")
        let bare = Response(head: head, body: "")
        guard hasBody else { return bare }
        if let length = bare.header("content-length").flatMap({ Int($0) }) {
            return Response(head: head, body: try await receive(length))
        }
        guard bare.header("transfer-encoding") == "chunked" else { return bare }
        var body = ""
        while true {
            let size = Int(try await receive(through: "\r\n").dropLast(1), radix: 16) ?? 0
            body += try await receive(size)
            _ = try await receive(through: "\r\n")
            if size == 0 { return Response(head: head, body: body) }
        }
    }

    /// Reads until the server closes, and returns what came.
    func receiveToEnd() async -> String {
        while let chunk = await chunks.next(isolation: #isolation) { received.writeImmutableBuffer(chunk) }
        return received.readString(length: received.readableBytes) ?? ""
    }

    /// How the server takes it, or that it closed before, is no matter.
    func close() async throws {
        try? await channel.close()
    }

    private func more() async throws {
        guard let chunk = await chunks.next(isolation: #isolation) else {
            throw UnexpectedEnd(received: String(buffer: received))
        }
        received.writeImmutableBuffer(chunk)
    }

    private final class Preface: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let bytes: [UInt8]

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            context.fireChannelActive()
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Self.unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
