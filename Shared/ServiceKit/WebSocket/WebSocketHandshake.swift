import Crypto
import Foundation
import NIOHTTP1

/// The server's half of the WebSocket opening handshake (RFC 6455 §4.2).
enum WebSocketHandshake {
    enum Outcome {
        /// `isOffered` is false when the client did not offer the subprotocol; the answer then names none.
        case accept(HTTPHeaders, isOffered: Bool)
        case refuse(HTTPResponseStatus, reason: String, HTTPHeaders)
    }

    private static let version = "13"
    private static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let keyLength = 16

    static func evaluate(_ head: HTTPRequestHead, subprotocol: String) -> Outcome {
        let upgrades = head.headers[canonicalForm: "upgrade"].map { $0.lowercased() }
        guard head.method == .GET, upgrades.contains("websocket") else {
            return .refuse(.badRequest, reason: "not a WebSocket handshake", [:])
        }
        guard head.headers[canonicalForm: "sec-websocket-version"].elementsEqual([version[...]]) else {
            return .refuse(
                .upgradeRequired,
                reason: "WebSocket version 13 is required",
                ["Sec-WebSocket-Version": version, "Upgrade": "websocket"]
            )
        }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == keyLength else {
            return .refuse(.badRequest, reason: "Sec-WebSocket-Key is missing or is not 16 bytes in base64", [:])
        }
        let digest = Insecure.SHA1.hash(data: Data((key + acceptSuffix).utf8))
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": Data(digest).base64EncodedString(),
        ]
        let isOffered = head.headers[canonicalForm: "sec-websocket-protocol"].contains { $0 == subprotocol }
        if isOffered { headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
        return .accept(headers, isOffered: isOffered)
    }
}
