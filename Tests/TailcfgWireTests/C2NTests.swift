import Foundation
import IPAddresses
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Requests to clients")
struct C2NTests {
    @Test("a request is HTTP/1.1 with the time there is, and with a body only where there is one")
    func request() throws {
        let get = try C2NRequest(path: "/posture/identity?hwaddrs=true")
        let head = "GET /posture/identity?hwaddrs=true HTTP/1.1\r\nHost: unused\r\nC2n-Handler-Timeout: 10s\r\n"
        #expect(String(decoding: get.encoded(patience: 10), as: UTF8.self) == head + "\r\n")
        let body = Data([0, 255])
        let post = try C2NRequest(method: "POST", path: "/echo", contentType: "a/b; c=d", body: body)
        let expected =
            Data(
                "POST /echo HTTP/1.1\r\nHost: unused\r\nC2n-Handler-Timeout: 1s\r\nContent-Type: a/b; c=d\r\n".utf8
            ) + Data("Content-Length: 2\r\n\r\n".utf8) + body
        #expect(post.encoded(patience: 1) == expected)
    }

    @Test("nothing that could end a line or a word gets into the head")
    func injection() throws {
        for path in [
            "", "echo", "/a b", "/a\r\nX: y", "/a\n", "/ä", "/\u{0}", "/\u{7F}", "http://x/",
            "/" + String(repeating: "a", count: C2NRequest.pathLimit),
        ] {
            #expect(throws: C2NRequest.Fault.path, "\(path)") { try C2NRequest(path: path) }
        }
        for method in ["", "get", "GET ", "G\r\nX", "GÉT", String(repeating: "A", count: C2NRequest.textLimit + 1)] {
            #expect(throws: C2NRequest.Fault.method, "\(method)") { try C2NRequest(method: method, path: "/") }
        }
        for type in ["a\r\nX: y", "a\n", "ä", "\t", String(repeating: "a", count: C2NRequest.textLimit + 1)] {
            #expect(throws: C2NRequest.Fault.contentType) { try C2NRequest(path: "/", contentType: type) }
        }
        let long = Data(count: C2NRequest.bodyLimit)
        _ = try C2NRequest(path: "/", body: long)
        #expect(throws: C2NRequest.Fault.bodyTooLong) { try C2NRequest(path: "/", body: long + [0]) }
    }

    @Test("a question carries whom to ping, or a request; and the three members that the Rust client needs")
    func question() throws {
        let url = "https://a.test/machine/c2n/00"
        let ping = PingRequest(url: url, types: "TSMP", address: IPAddress("fd7a::1"))
        #expect(
            String(buffer: ping.message())
                == #"{"PingRequest":{"URL":"\#(url)","URLIsNoise":true,"Types":"TSMP","IP":"fd7a::1"}}"#
        )
        let request = PingRequest(url: url, types: PingRequest.clientRequest, payload: Data("GET /".utf8))
        #expect(
            String(buffer: request.message())
                == #"{"PingRequest":{"URL":"\#(url)","URLIsNoise":true,"Types":"c2n","Payload":"R0VUIC8="}}"#
        )
        let decoded = try #require(try ClientMapResponse.decode(request.message()).pingRequest)
        #expect(decoded.payload == Data("GET /".utf8))
        #expect(decoded.types == "c2n")
    }

    @Test("what came of a ping is read as the Go client writes it")
    func pingResponse() throws {
        let text =
            #"{"Type":"disco","IP":"100.64.0.2","NodeIP":"100.64.0.2","NodeName":"box","LatencySeconds":0.0125,"#
            + #""Endpoint":"192.0.2.1:41641","DERPRegionID":901,"DERPRegionCode":"test","PeerAPIPort":4}"#
        let answer = try PingResponse.decode(ByteBuffer(string: text))
        #expect(answer.latencySeconds == 0.0125)
        #expect(answer.endpoint == "192.0.2.1:41641")
        #expect(answer.derpRegion == 901)
        #expect(answer.nodeName == "box")
        #expect(answer.error == "")
        #expect(throws: TailcfgDecodingError.self) { try PingResponse.decode(ByteBuffer(string: #"{"Err":1}"#)) }
    }
}
