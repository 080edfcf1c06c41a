import DERPProtocol
import Testing

@Suite("DERP client and server info")
struct InfoTests {
    @Test(
        "the client info of each client is read",
        arguments: [
            (#"{"version":2,"CanAckPings":true,"IsProber":true}"#, DERPClientInfo(canAckPings: true, isProber: true)),
            (#"{"can_ack_pings":false,"is_prober":false,"mesh_key":"none","version":2}"#, DERPClientInfo()),
            (
                #"{"can_ack_pings":true,"version":2,"AppName":"x","Unknown":{"a":[1]}}"#,
                DERPClientInfo(canAckPings: true)
            ),
            (#"{"VERSION":2,"canackpings":true}"#, DERPClientInfo(canAckPings: true)),
            (#"{"version":"two","CanAckPings":1,"IsProber":null}"#, DERPClientInfo(version: 0)),
            ("{}", DERPClientInfo(version: 0)),
            (
                #"{"meshKey":"1111111111111111111111111111111111111111111111111111111111111111","version":2}"#,
                DERPClientInfo(meshKey: String(repeating: "1", count: 64))
            ),
        ]
    )
    func clientInfo(json: String, expected: DERPClientInfo) {
        #expect(DERPClientInfo(json: Array(json.utf8)) == expected)
    }

    @Test(
        "what is no JSON object is refused",
        arguments: [
            "", "[]", "2", "null", #""x""#, "{", #"{"version":2}x"#, String(repeating: "[", count: 100_000), "\u{0}",
        ]
    )
    func notAnObject(json: String) {
        #expect(DERPClientInfo(json: Array(json.utf8)) == nil)
        #expect(DERPServerInfo(json: Array(json.utf8)) == nil)
    }

    @Test("what we send has the names of the Go client and server")
    func encoding() {
        #expect(String(decoding: DERPServerInfo().json, as: UTF8.self) == #"{"version":2}"#)
        #expect(
            String(decoding: DERPServerInfo(bytesPerSecond: 5, burstLength: 6).json, as: UTF8.self)
                == #"{"TokenBucketBytesBurst":6,"TokenBucketBytesPerSecond":5,"version":2}"#
        )
        #expect(
            String(decoding: DERPClientInfo(canAckPings: true).json, as: UTF8.self)
                == #"{"CanAckPings":true,"IsProber":false,"version":2}"#
        )
    }

    @Test("server info is read back")
    func serverInfo() {
        let info = DERPServerInfo(bytesPerSecond: 5, burstLength: 6)
        #expect(DERPServerInfo(json: info.json) == info)
    }
}
