import NIOCore
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Pings")
struct PingDeskTests {
    @Test("an answer ends the wait, once, and for its own question alone")
    func answered() async {
        let desk = PingDesk()
        async let other = desk.ask(within: .milliseconds(50), clock: ContinuousClock()) { _ in true }
        let outcome = await desk.ask(within: .seconds(60), clock: ContinuousClock()) { token in
            #expect(!desk.answered("00" + token.dropFirst(2)) || token.hasPrefix("00"))
            #expect(desk.answered(token))
            return true
        }
        #expect(outcome == .answered)
        #expect(await other == .silent)
        #expect(desk.count == 0)
    }

    @Test("a client that cannot be asked is no silent one")
    func unasked() async {
        let desk = PingDesk()
        #expect(await desk.ask(within: .seconds(60), clock: ContinuousClock()) { _ in false } == .unasked)
        #expect(desk.count == 0)
    }

    @Test("tokens differ, and what is none is not looked up")
    func tokens() async {
        let desk = PingDesk()
        var tokens: Set<String> = []
        for _ in 0..<100 {
            _ = await desk.ask(within: .seconds(60), clock: ContinuousClock()) { token in
                tokens.insert(token)
                #expect(PingDesk.token(inQuery: "id=\(token)") == token)
                #expect(PingDesk.token(inQuery: "a=b&id=\(token)&c") == token)
                return false
            }
        }
        #expect(tokens.count == 100)
        let digits = String(repeating: "0", count: 31)
        for query in [
            "", "id", "id=", "id=\(digits)", "id=\(digits)g", "id=\(digits)00", "xid=\(digits)0", "id=\(digits)A",
        ] {
            #expect(PingDesk.token(inQuery: query) == nil, "\(query)")
        }
    }

    @Test(
        "the question names an address over Noise, whatever the server's URL",
        arguments: ["http://a.test:8080", "https://a.test:8080"]
    )
    func message(serverURL: String) {
        let text = String(buffer: PingDesk.message(serverURL: serverURL, token: "00ff"))
        let url = "https://a.test:8080/machine/ping-response?id=00ff"
        #expect(text == #"{"PingRequest":{"URL":"\#(url)","URLIsNoise":true,"Types":""}}"#)
    }
}
