import Foundation
import NIOCore
import TailcfgWire
import Testing

@testable import ControlGatewayService

@Suite("Keep-alives")
struct KeepAliveTextTests {
    @Test(
        "a keep-alive is never the 18 bytes that break Go clients",
        arguments: [0, 0.5, 1_790_000_000, 253_402_300_800]
    )
    func trap(seconds: Double) throws {
        let text = MapText.keepAlive(now: Date(timeIntervalSince1970: seconds))
        #expect(String(buffer: text) != #"{"KeepAlive":true}"#)
        #expect(text.readableBytes != 18)
        let message = try ClientMapResponse.decode(text)
        #expect(message.keepAlive == true)
        #expect(message.controlTime != nil)
        #expect(message.node == nil)
        #expect(message.peers == nil)
    }
}
