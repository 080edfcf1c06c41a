import Foundation
import Keys
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import ServiceKit
import Synchronization

/// Takes `/ts2021` requests: the Noise handshake, then HTTP/2 inside its records.
final class NoiseUpgrade: UpgradeHandler {
    static let protocolName = "tailscale-control-protocol"
    static let handshakeHeader = "X-Tailscale-Handshake"

    let paths: Set<String> = ["/ts2021"]

    private let key = Mutex<MachinePrivateKey?>(nil)
    private let router: MachineRouter
    private let logger: Logger

    init(router: MachineRouter, logger: Logger) {
        self.router = router
        self.logger = logger
    }

    /// The server's key, once it is known; before that clients are told to come back.
    func set(_ key: MachinePrivateKey) {
        self.key.withLock { $0 = key }
    }

    var publicKey: MachinePublicKey? { key.withLock { $0?.publicKey } }

    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        guard Self.path(of: head) == "/ts2021" else { return .notMine }
        let offers = head.headers[canonicalForm: "upgrade"].map { $0.lowercased() }
        let isWebSocket = head.method == .GET && offers.contains("websocket")
        guard isWebSocket || (head.method == .POST && offers.contains(Self.protocolName)) else {
            return .refuse(
                .badRequest,
                reason: "expected an upgrade to \(Self.protocolName): a proxy in front must pass the Upgrade header on"
            )
        }
        guard let initiation = Self.initiation(of: head, isWebSocket: isWebSocket) else {
            ControlGatewayMetrics.handshake("bad_header")
            return .refuse(.badRequest, reason: "\(Self.handshakeHeader) is missing or not base64")
        }
        guard let key = key.withLock({ $0 }) else {
            return .refuse(.serviceUnavailable, reason: "this server is starting, try again")
        }
        let answer: UpgradeAcceptance.Answer =
            isWebSocket
            ? .webSocket(subprotocol: Self.protocolName)
            : .switchingProtocols(["Upgrade": Self.protocolName, "Connection": "upgrade"])
        let (router, logger, source) = (router, logger, connection.source)
        return .accept(
            UpgradeAcceptance(answer) { channel in
                try NoiseConnection.install(
                    on: channel,
                    key: key,
                    initiation: initiation,
                    sendsEarlyPayload: !isWebSocket,
                    source: source,
                    router: router,
                    logger: logger
                )
            }
        )
    }

    private static func path(of head: HTTPRequestHead) -> Substring {
        head.uri.prefix { $0 != "?" }
    }

    private static func initiation(of head: HTTPRequestHead, isWebSocket: Bool) -> [UInt8]? {
        var text = head.headers.first(name: handshakeHeader)
        if isWebSocket { text = queryValue(handshakeHeader, of: head.uri) ?? text }
        guard var text, text.utf8.count <= 1024 else { return nil }
        // Clients use the standard alphabet; the URL-safe one and missing padding do no harm.
        text = text.replacing("-", with: "+").replacing("_", with: "/")
        while !text.utf8.count.isMultiple(of: 4) { text += "=" }
        return Data(base64Encoded: text).map { Array($0) }
    }

    private static func queryValue(_ name: String, of uri: String) -> String? {
        URLComponents(string: uri)?.queryItems?.first { $0.name == name }?.value
    }
}
