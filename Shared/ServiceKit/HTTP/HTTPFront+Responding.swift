import Hummingbird
import NIOCore
import NIOHTTP1

extension HTTPFront {
    func serve(_ request: RequestCollector, connection: ConnectionInfo) {
        let head = request.head
        exchanges += 1
        var exchange = Exchange(
            id: exchanges,
            isHead: head.method == .HEAD,
            // The decoder reads nothing more after an upgrade request, answered or not.
            keepsAlive: head.isKeepAlive && !head.headers.contains(name: "upgrade")
        )
        let (server, id) = (server, "\(RequestID())")
        let sink = ResponseSink(front: self, exchange: exchange.id, loop: loop)
        // A channel callback cannot wait: the one task of a request, cancelled when its client goes away.
        exchange.task = Task {
            await server.respond(to: head, body: request.body, connection: connection, id: id, through: sink)
            withExtendedLifetime(request.place) {}
        }
        state = .responding(exchange)
    }

    /// Writes a part of the response; succeeds when it is written, or at once when it is held back.
    func send(_ part: HTTPServerResponsePart, exchange id: UInt64) -> EventLoopFuture<Void> {
        guard let context, case .responding(var exchange) = state, exchange.id == id else {
            return loop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        switch part {
        case .head(let head): exchange.begin(head, isQuiescing: isQuiescing)
        case .body(let data):
            guard exchange.take(part, length: data.readableBytes) else { return breakOff(exchange) }
        case .end:
            guard exchange.end(part) else { return breakOff(exchange) }
            return finish(exchange, context)
        }
        let parts = exchange.partsToWrite(after: part)
        state = .responding(exchange)
        return parts.isEmpty ? loop.makeSucceededVoidFuture() : write(parts, context)
    }

    /// Gives up a response that cannot be finished.
    func abort(exchange id: UInt64) {
        guard case .responding(let exchange) = state, exchange.id == id else { return }
        context?.close(promise: nil)
    }

    /// Answers with a plain text and closes.
    func reject(
        _ status: HTTPResponseStatus,
        of request: HTTPRequestHead? = nil,
        text: String? = nil,
        headers: HTTPHeaders = [:]
    ) {
        guard let context else { return }
        if let request {
            let connection = server.connection(of: peer, isTLS: isTLS, headers: request.headers)
            server.log(request, status: Int(status.code), of: connection, to: server.logger)
        }
        let body = ByteBuffer(string: (text ?? status.reasonPhrase) + "\n")
        var head = HTTPResponseHead(version: .http1_1, status: status, headers: .securityDefaults)
        head.headers.add(contentsOf: headers)
        head.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        head.headers.add(name: "Connection", value: "close")
        state = .closing
        var parts: [HTTPServerResponsePart] = [.head(head)]
        if request?.method != .HEAD { parts += [.body(.byteBuffer(body)), .end(nil)] }
        closeGently(after: write(parts, context), context)
    }

    private func breakOff(_ exchange: Exchange) -> EventLoopFuture<Void> {
        abort(exchange: exchange.id)
        return loop.makeFailedFuture(ResponseLengthMismatch())
    }

    private func finish(_ exchange: Exchange, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        let written = write(exchange.held, context)
        guard exchange.keepsAlive, !isQuiescing else {
            state = .closing
            closeGently(after: written, context)
            return written
        }
        state = .waiting
        written.assumeIsolated().whenSuccess { self.startIdling() }
        takePipelined()
        return written
    }

    private func startIdling() {
        if case .waiting = state { closeUnlessDone(within: server.limits.idleTimeout) }
    }

    private func write(_ parts: [HTTPServerResponsePart], _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard let last = parts.last else { return loop.makeSucceededVoidFuture() }
        let written = loop.makePromise(of: Void.self)
        pendingWrites += 1
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.pendingWrites -= 1
            if self.pendingWrites == 0, case .responding = self.state { self.clearDeadline() }
        }
        for part in parts.dropLast() { context.write(Self.wrapOutboundOut(part), promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(last), promise: written)
        if pendingWrites > 0 { closeUnlessDone(within: server.limits.writeTimeout) }
        return written.futureResult
    }

    /// Ends the connection so that the client can still read the answer.
    ///
    /// Closing at once resets the connection if the client is still sending, and a reset can throw the answer away. TLS
    /// has its own way: its handler waits for the client's farewell.
    private func closeGently(after written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
        releaseRead()
        written.assumeIsolated().whenComplete { result in
            guard case .success = result, !self.isTLS, !self.isQuiescing else {
                context.close(promise: nil)
                return
            }
            self.closeUnlessDone(within: self.server.limits.lingerTimeout)
            context.close(mode: .output, promise: nil)
        }
    }
}

/// A handler's body is longer or shorter than its head said.
struct ResponseLengthMismatch: Error {}
