import BusInProcess
import Keys
import NIOHTTP1
import ServiceKit
import Testing

@testable import DERPService

@Suite("DERP upgrade")
struct DERPUpgradeTests {
    private let upgrade = DERPUpgrade(relay: RelayHarness.make(bus: InProcessBus(), isVerifying: false).0)

    @Test(
        "any method and any case of the protocol's name are taken",
        arguments: [HTTPMethod.GET, .POST],
        ["DERP", "derp", "Derp", "websocket", "h2c, derp"]
    )
    func accepted(method: HTTPMethod, name: String) {
        guard case .switchingProtocols(let headers) = answer(method, headers: ["Upgrade": name]) else {
            Issue.record("not accepted")
            return
        }
        #expect(headers.first(name: "Upgrade") == "DERP")
        #expect(headers.first(name: "Connection") == "Upgrade")
        #expect(headers.first(name: "Derp-Version") == "2")
        #expect(headers.first(name: "Derp-Public-Key") == upgrade.relay.key.publicKey.bytes.hex)
    }

    @Test("a client that starts fast gets no answer of HTTP")
    func fastStart() {
        guard case .none? = answer(.GET, headers: ["Upgrade": "DERP", "Derp-Fast-Start": "1"]) else {
            Issue.record("answered")
            return
        }
        guard case .switchingProtocols = answer(.GET, headers: ["Upgrade": "DERP", "Derp-Fast-Start": "0"]) else {
            Issue.record("not answered")
            return
        }
    }

    @Test("a browser client gets a WebSocket")
    func webSocket() {
        let headers: HTTPHeaders = ["Upgrade": "websocket", "Sec-WebSocket-Protocol": "other, derp"]
        guard case .webSocket(subprotocol: "derp") = answer(.GET, headers: headers) else {
            Issue.record("no WebSocket")
            return
        }
    }

    @Test(
        "without the upgrade the answer is 426",
        arguments: [[:], ["Upgrade": "h2c"], ["Upgrade": ""]] as [HTTPHeaders]
    )
    func refused(headers: HTTPHeaders) {
        guard case .refuse(.upgradeRequired, "DERP requires connection upgrade") = decide(.GET, "/derp", headers) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("other paths are left to others", arguments: ["/", "/derp/probe", "/derpx", "/ts2021", "/DERP"])
    func otherPaths(path: String) {
        guard case .notMine = decide(.GET, path, ["Upgrade": "DERP"]) else {
            Issue.record("taken")
            return
        }
    }

    @Test("a full relay refuses")
    func full() {
        var limits = DERPRelayLimits()
        limits.clients = 0
        let relay = RelayHarness.make(bus: InProcessBus(), isVerifying: false, limits: limits).0
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/derp", headers: ["Upgrade": "DERP"])
        let info = ConnectionInfo(remoteAddress: nil, isTLS: true, isLocalSocket: false)
        guard case .refuse(.serviceUnavailable, _) = DERPUpgrade(relay: relay).decide(head, connection: info) else {
            Issue.record("not refused")
            return
        }
    }

    private func decide(_ method: HTTPMethod, _ uri: String, _ headers: HTTPHeaders) -> UpgradeDecision {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)
        let info = ConnectionInfo(remoteAddress: nil, isTLS: true, isLocalSocket: false)
        return upgrade.decide(head, connection: info)
    }

    private func answer(_ method: HTTPMethod, headers: HTTPHeaders) -> UpgradeAcceptance.Answer? {
        guard case .accept(let acceptance) = decide(method, "/derp?x=1", headers) else { return nil }
        return acceptance.answer
    }
}
