import NIOCore
import NIOHTTP1

extension HTTPFront {
    func receive(_ part: HTTPServerRequestPart) {
        switch state {
        case .waiting:
            if case .head(let head) = part { begin(head) }
        case .receiving(var collector):
            switch collector.received(part) {
            case .more: state = .receiving(collector)
            case .tooLong: reject(.payloadTooLarge)
            case .complete: dispatch(collector)
            }
        case .responding:
            guard pipelined.count < server.limits.pipelinedPartCount else {
                context?.close(promise: nil)
                return
            }
            pipelined.append(part)
        case .switching:
            // Early bytes of an upgrade without `Connection: upgrade`, which does not stop the decoder.
            context?.close(promise: nil)
        case .passing, .closing: break
        }
    }

    /// Takes up what waited behind the answer that has just ended.
    func takePipelined() {
        while isReceptive, !pipelined.isEmpty { receive(pipelined.removeFirst()) }
        guard isReceptive else { return }
        if let status = pipelinedFailure { reject(status) } else { releaseRead() }
    }

    private var isReceptive: Bool {
        switch state {
        case .waiting, .receiving: true
        case .responding, .switching, .passing, .closing: false
        }
    }

    private func begin(_ received: HTTPRequestHead) {
        guard received.method != .CONNECT else {
            reject(.methodNotAllowed, of: received)
            return
        }
        guard let target = RequestTarget.originForm(of: received.uri) else {
            reject(.badRequest, of: received)
            return
        }
        var head = received
        head.uri = target
        let collector: RequestCollector
        switch server.admit(head) {
        case .refuse(let status): return reject(status, of: head)
        case .collect(let admitted): collector = admitted
        }
        state = .receiving(collector)
        closeUnlessDone(within: server.limits.bodyTimeout)
        if collector.expectsContinue {
            let answer = HTTPResponseHead(version: head.version, status: .continue)
            context?.writeAndFlush(Self.wrapOutboundOut(.head(answer)), promise: nil)
        }
    }

    private func dispatch(_ collector: RequestCollector) {
        clearDeadline()
        let head = collector.head
        let connection = server.connection(of: peer, isTLS: isTLS, headers: head.headers)
        switch server.decide(head, connection: connection) {
        case .notMine: serve(collector, connection: connection)
        case .refuse(let status, let reason): reject(status, of: head, text: reason)
        case .accept(let acceptance): accept(acceptance, of: head)
        }
    }
}
