import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// The way back from a request's task to its connection.
struct ResponseSink: Sendable {
    private let front: NIOLoopBound<HTTPFront>
    private let exchange: UInt64
    private let loop: any EventLoop

    init(front: HTTPFront, exchange: UInt64, loop: any EventLoop) {
        self.front = NIOLoopBound(front, eventLoop: loop)
        self.exchange = exchange
        self.loop = loop
    }

    /// Returns when the part reached the socket, or was held back to leave together with what follows.
    ///
    /// - Throws: when the client is gone or the response is over.
    func send(_ part: HTTPServerResponsePart) async throws {
        try await loop.flatSubmit { front.value.send(part, exchange: exchange) }.get()
    }

    /// Ends a response whose body forgot to.
    func endUnlessEnded() {
        loop.execute { _ = front.value.send(.end(nil), exchange: exchange) }
    }

    /// Closes the connection: the rest of the response will not come.
    func abort() {
        loop.execute { front.value.abort(exchange: exchange) }
    }
}

/// Streams a Hummingbird response body to a ``ResponseSink``.
struct ResponseSinkWriter: ResponseBodyWriter {
    /// Longest piece handed to the socket at once, in bytes: it is what a write time-out measures.
    static let pieceLimit = 256 << 10

    let sink: ResponseSink

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceLimit)), piece.readableBytes > 0 {
            try await sink.send(.body(.byteBuffer(piece)))
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let trailers = trailingHeaders.map { fields in HTTPHeaders(fields.map { ($0.name.rawName, $0.value) }) }
        try await sink.send(.end(trailers))
    }
}
