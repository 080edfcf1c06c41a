import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

extension HTTPFront {
    /// An upgrade that was accepted and is on its way.
    struct Switch {
        let acceptance: UpgradeAcceptance
        let answer: HTTPResponseHead?
        let webSocket: WebSocketBridge?
        /// Whether the decoder stopped after the request; else it took early bytes for HTTP, and some are lost.
        let keepsEarlyBytes: Bool

        init(
            _ acceptance: UpgradeAcceptance,
            of head: HTTPRequestHead,
            answer: HTTPResponseHead? = nil,
            webSocket: WebSocketBridge? = nil
        ) {
            self.acceptance = acceptance
            self.answer = answer
            self.webSocket = webSocket
            keepsEarlyBytes =
                head.headers.contains(name: "upgrade")
                && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
        }
    }

    func accept(_ acceptance: UpgradeAcceptance, of head: HTTPRequestHead) {
        switch acceptance.answer {
        case .none: leaveHTTP(Switch(acceptance, of: head), head)
        case .switchingProtocols(let given):
            var headers = given
            let namesUpgrade = headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            if !namesUpgrade { headers.add(name: "Connection", value: "upgrade") }
            leaveHTTP(Switch(acceptance, of: head, answer: .switching(headers)), head)
        case .webSocket(let subprotocol):
            switch WebSocketHandshake.evaluate(head, subprotocol: subprotocol) {
            case .refuse(let status, let reason, let headers):
                reject(status, of: head, text: reason, headers: headers)
            case .accept(let headers, let isOffered):
                let bridge = WebSocketBridge(limits: server.limits, refusal: isOffered ? nil : .policyViolation)
                leaveHTTP(Switch(acceptance, of: head, answer: .switching(headers), webSocket: bridge), head)
            }
        }
    }

    /// What arrives as bytes: early data of an upgrade.
    func receive(_ bytes: ByteBuffer) {
        switch state {
        case .switching(let change, var early):
            early.append(bytes)
            state = .switching(change, early: early)
        case .passing(var early):
            early.append(bytes)
            state = .passing(early: early)
        case .waiting, .receiving, .responding, .closing: break
        }
    }

    private func leaveHTTP(_ change: Switch, _ head: HTTPRequestHead) {
        guard let context else { return }
        let connection = server.connection(of: peer, isTLS: isTLS, headers: head.headers)
        server.log(head, status: 101, of: connection, to: server.logger)
        state = .switching(change, early: [])
        // The decoder may be in the middle of its work: it goes later, and hands over what it has not read.
        context.pipeline.syncOperations.removeHandler(decoder).assumeIsolated().whenComplete { result in
            guard case .success = result, case .switching(let change, let early) = self.state,
                change.keepsEarlyBytes || early.isEmpty
            else {
                context.close(promise: nil)
                return
            }
            self.install(change, early, context)
        }
    }

    private func install(_ change: Switch, _ early: [ByteBuffer], _ context: ChannelHandlerContext) {
        let (sync, channel) = (context.pipeline.syncOperations, context.channel)
        if let answer = change.answer { context.write(Self.wrapOutboundOut(.head(answer)), promise: nil) }
        sync.removeHandler(encoder, promise: nil)
        state = .passing(early: early)
        do {
            if let bridge = change.webSocket {
                try sync.addHandlers(WebSocketBridge.codec(limits: server.limits) + [bridge])
            }
            if change.webSocket?.refusal == nil { try change.acceptance.install(channel) }
        } catch {
            server.logger.error("installing an upgraded protocol failed", metadata: [LogKey.error: "\(error)"])
            context.close(promise: nil)
            return
        }
        context.flush()
        if isQuiescing { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        replay(context)
        guard case .passing = state else { return }
        releaseRead()
        sync.removeHandler(self, promise: nil)
    }

    private func replay(_ context: ChannelHandlerContext) {
        var hasFired = false
        while case .passing(var early) = state, !early.isEmpty {
            let bytes = early.removeFirst()
            state = .passing(early: early)
            context.fireChannelRead(Self.wrapInboundOut(bytes))
            hasFired = true
        }
        if hasFired { context.fireChannelReadComplete() }
    }
}

extension HTTPResponseHead {
    fileprivate static func switching(_ headers: HTTPHeaders) -> HTTPResponseHead {
        HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
    }
}
