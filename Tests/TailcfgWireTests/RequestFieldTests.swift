import ControlModel
import Foundation
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Fields of requests")
struct RequestFieldTests {
    static let requestNames = [
        "register-go", "register-go-logout", "register-rust", "map-go-stream", "map-go-lite", "map-rust-stream",
        "map-rust-lite",
    ]

    /// Rewrites every key that is followed by a colon.
    static func respell(_ text: String, _ spell: (String) -> String) -> String {
        text.replacing(/"([A-Za-z0-9]+)":/) { "\"\(spell(String($0.1)))\":" }
    }

    @Test("every casing of the keys decodes the same", arguments: requestNames)
    func casing(name: String) throws {
        let text = String(buffer: try Vector.bytes(name))
        let spellings = [{ $0.lowercased() }, { $0.uppercased() }, { $0.capitalized }] as [(String) -> String]
        for spell in spellings {
            let odd = ByteBuffer(string: Self.respell(text, spell))
            if name.hasPrefix("register") {
                #expect(try RegisterRequest.decode(odd) == RegisterRequest.decode(ByteBuffer(string: text)))
            } else {
                #expect(try MapRequest.decode(odd) == MapRequest.decode(ByteBuffer(string: text)))
            }
        }
    }

    static let registerKeys = [
        "Version", "NodeKey", "OldNodeKey", "NLKey", "Auth", "Expiry", "Followup", "Hostinfo", "Ephemeral",
        "NodeKeySignature", "SignatureType", "Timestamp", "DeviceCert", "Signature", "Tailnet",
    ]
    static let mapKeys = [
        "Version", "Compress", "KeepAlive", "NodeKey", "DiscoKey", "Stream", "Hostinfo", "MapSessionHandle",
        "MapSessionSeq", "Endpoints", "EndpointTypes", "TKAHead", "ReadOnly", "OmitPeers", "DebugFlags",
    ]
    static let hostinfoKeys = [
        "IPNVersion", "OS", "OSVersion", "Container", "Env", "Distro", "DistroVersion", "DistroCodeName", "App",
        "Desktop", "Package", "DeviceModel", "Hostname", "ShieldsUp", "ShareeNode", "WireIngress", "IngressEnabled",
        "AllowsUpdate", "Machine", "GoArch", "GoVersion", "RoutableIPs", "RequestTags", "WoLMACs", "Services",
        "NetInfo",
        "sshHostKeys", "Cloud", "Userspace", "UserspaceRouter", "AppConnector", "ServicesHash", "PeerRelay",
        "ExitNodeID", "Location", "TPM", "StateEncrypted",
    ]

    @Test("null is the zero value in each field of a registration", arguments: registerKeys)
    func nullInRegister(key: String) throws {
        #expect(try RegisterRequest.decode(ByteBuffer(string: "{\"\(key)\":null}")) == RegisterRequest())
    }

    @Test("null is the zero value in each field of a map request", arguments: mapKeys)
    func nullInMap(key: String) throws {
        #expect(try MapRequest.decode(ByteBuffer(string: "{\"\(key)\":null}")) == MapRequest())
    }

    @Test("null is the zero value in each field of a Hostinfo", arguments: hostinfoKeys)
    func nullInHostinfo(key: String) throws {
        let request = try MapRequest.decode(ByteBuffer(string: "{\"Hostinfo\":{\"\(key)\":null}}"))
        #expect(request.hostinfo == Hostinfo())
    }

    @Test(
        "a value of the wrong type is refused by the name of its key",
        arguments: [
            (#"{"Version":"131"}"#, "Version"), (#"{"version":1.5}"#, "Version"), (#"{"VERSION":true}"#, "Version"),
            (#"{"Version":1e400}"#, "Version"), (#"{"Version":123456789012345678901234567890}"#, "Version"),
            (#"{"NodeKey":5}"#, "NodeKey"), (#"{"NodeKey":""}"#, "NodeKey"), (#"{"NodeKey":"nodekey:1a"}"#, "NodeKey"),
            (#"{"nodekey":"mkey:\#(String(repeating: "1a", count: 32))"}"#, "NodeKey"),
            (#"{"Auth":"key"}"#, "Auth"), (#"{"Auth":{"AuthKey":7}}"#, "Auth.AuthKey"),
            (#"{"AUTH":{"authkey":[]}}"#, "Auth.AuthKey"), (#"{"Expiry":123}"#, "Expiry"),
            (#"{"Expiry":"tomorrow"}"#, "Expiry"), (#"{"Ephemeral":"true"}"#, "Ephemeral"),
            (#"{"Ephemeral":1}"#, "Ephemeral"), (#"{"NodeKeySignature":"%%%"}"#, "NodeKeySignature"),
            (#"{"Hostinfo":[]}"#, "Hostinfo"), (#"{"Followup":{}}"#, "Followup"), ("[]", ""), ("null", ""), ("7", ""),
        ]
    )
    func wrongType(text: String, key: String) throws {
        #expect {
            try RegisterRequest.decode(ByteBuffer(string: text))
        } throws: { error in
            guard case .invalid(key, let expected) = error as? TailcfgDecodingError else { return false }
            return !expected.isEmpty
        }
    }

    @Test("a text that is too long is refused by the name of its key")
    func longText() throws {
        let text = String(repeating: "a", count: WireLimit.textLength)
        #expect(try RegisterRequest.decode(ByteBuffer(string: #"{"Followup":"\#(text)"}"#)).followup == text)
        #expect(throws: TailcfgDecodingError.invalid(key: "Followup", expected: "at most 4096 bytes")) {
            try RegisterRequest.decode(ByteBuffer(string: #"{"Followup":"\#(text)a"}"#))
        }
    }

    @Test("of two equal keys the first counts")
    func duplicates() throws {
        let request = try MapRequest.decode(ByteBuffer(string: #"{"Compress":"zstd","compress":"","Compress":"x"}"#))
        #expect(request.compress == "zstd")
    }

    @Test("unknown fields of any shape are ignored")
    func unknown() throws {
        let text = #"{"X":{"a":[1e400,{"b":null}]},"":1,"Ω":"\u00e9","Stream":true}"#
        #expect(try MapRequest.decode(ByteBuffer(string: text)).isStream)
    }

    @Test("an error prints its key and never the value")
    func description() {
        let error = #expect(throws: TailcfgDecodingError.self) {
            try RegisterRequest.decode(ByteBuffer(string: #"{"Auth":{"AuthKey":["secret"]}}"#))
        }
        #expect(error?.description == "Auth.AuthKey: expected a string")
    }
}
