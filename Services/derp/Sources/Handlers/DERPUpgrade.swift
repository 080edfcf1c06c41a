import DERPProtocol
import Keys
import NIOCore
import NIOHTTP1
import ServiceKit

/// Takes `/derp` from HTTP to DERP.
///
/// - Source: `derp/derpserver/handler.go`, `cmd/derper/websocket.go`.
struct DERPUpgrade: UpgradeHandler {
    let relay: DERPRelay

    var paths: Set<String> { ["/derp"] }

    /// The method is not looked at: the Rust client sends POST.
    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        guard head.uri == "/derp" || head.uri.hasPrefix("/derp?") else { return .notMine }
        let protocols = head.headers.words("Upgrade")
        guard protocols.contains("derp") || protocols.contains("websocket") else {
            return .refuse(.upgradeRequired, reason: "DERP requires connection upgrade")
        }
        guard relay.hasRoom else { return .refuse(.serviceUnavailable, reason: "relay is full") }
        return .accept(UpgradeAcceptance(answer(head.headers), install: relay.install(on:)))
    }

    private func answer(_ headers: HTTPHeaders) -> UpgradeAcceptance.Answer {
        if headers.words("Upgrade").contains("websocket"), headers.words("Sec-WebSocket-Protocol").contains("derp") {
            return .webSocket(subprotocol: "derp")
        }
        if headers.first(name: "Derp-Fast-Start") == "1" { return .none }
        return .switchingProtocols([
            "Upgrade": "DERP",
            "Connection": "Upgrade",
            "Derp-Version": "\(DERPServerInfo.protocolVersion)",
            "Derp-Public-Key": relay.key.publicKey.text,
        ])
    }
}

extension HTTPHeaders {
    /// The comma-separated values of a header, in lower case.
    fileprivate func words(_ name: String) -> [String] {
        self[canonicalForm: name].map { $0.lowercased() }
    }
}
