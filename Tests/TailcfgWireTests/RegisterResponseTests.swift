import ControlModel
import Foundation
import Keys
import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Answers to logins")
struct RegisterResponseTests {
    static let keys: Set = [
        "User", "Login", "NodeKeyExpired", "MachineAuthorized", "AuthURL", "NodeKeySignature", "Error",
    ]

    @Test("a login that went well")
    func authorized() throws {
        var response = RegisterResponse()
        response.user = WireUserProfile(id: 3, loginName: "alice", displayName: "Alice")
        response.provider = "oidc"
        response.isMachineAuthorized = true
        #expect(try Vector.parse(response.encoded()) == Vector.json("register-response"))
    }

    @Test("all seven keys are there when nothing is known")
    func allKeys() throws {
        let parsed = try Vector.parse(RegisterResponse().encoded())
        #expect(parsed.keys == Self.keys)
        #expect(parsed["Login"]?.keys == ["ID", "Provider", "LoginName", "DisplayName", "ProfilePicURL"])
        #expect(parsed["User", "ID"] == .number(0))
    }

    @Test("the AuthURL has no escapes")
    func authURL() throws {
        var response = RegisterResponse()
        response.authURL = "https://control.example/register/abc?x=1&y=<2>"
        let text = String(buffer: response.encoded())
        #expect(text.contains(#""AuthURL":"https://control.example/register/abc?x=1&y=<2>""#))
        #expect(try ClientRegisterResponse.decode(response.encoded()).authURL == response.authURL)
    }

    @Test("an error is never accompanied by an authorization, and has no escapes")
    func error() throws {
        var response = RegisterResponse()
        response.isMachineAuthorized = true
        response.error = "no such key: \"x\"\n"
        let decoded = try ClientRegisterResponse.decode(response.encoded())
        #expect(!decoded.isMachineAuthorized)
        #expect(decoded.error == "no such key: x")
    }

    @Test("a signature travels as base64")
    func signature() throws {
        var response = RegisterResponse()
        response.nodeKeySignature = Data([0xFB, 0xFF])
        #expect(try ClientRegisterResponse.decode(response.encoded()).nodeKeySignature == Data([0xFB, 0xFF]))
    }

    @Test("the strict client refuses an answer without any one of the keys it requires", arguments: keys)
    func strictClient(key: String) throws {
        guard case .object(var fields) = try Vector.json("register-response") else { return }
        fields[key] = nil
        let bytes = ByteBuffer(bytes: try JSONEncoder().encode(AnyJSON.object(fields)))
        if key == "NodeKeySignature" {
            #expect(try ClientRegisterResponse.decode(bytes).nodeKeySignature == nil)
        } else {
            #expect(throws: TailcfgDecodingError.invalid(key: key, expected: "a value")) {
                try ClientRegisterResponse.decode(bytes)
            }
        }
    }

    @Test("the server's keys are both there, the old one zero")
    func serverKey() throws {
        let key = try Vector.machineKey()
        let bytes = ServerKeyResponse(publicKey: key).encoded()
        let zero = "mkey:" + String(repeating: "0", count: 64)
        #expect(String(buffer: bytes) == #"{"legacyPublicKey":"\#(zero)","publicKey":"\#(key.text)"}"#)
        #expect(try ClientServerKeyResponse.decode(bytes).publicKey == key.text)
    }
}
