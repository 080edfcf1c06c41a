import Foundation
import Testing

@testable import Keys

@Suite("Keys")
struct KeyTests {
    static let alicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
    static let alicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test("the text form survives a round trip")
    func roundTrip() throws {
        let key = try #require(NodePublicKey("nodekey:\(hex)"))
        #expect(key.text == "nodekey:\(hex)")
        #expect(try #require(NodePublicKey("nodekey:\(hex.uppercased())")) == key)
        #expect(key.bytes.withUnsafeBytes { Array($0.prefix(3)) } == [0x01, 0x23, 0x45])
    }

    @Test(
        "another kind, another length or another digit is refused",
        arguments: [
            "mkey:", "nodekey", "nodekey:", "nodekey:00", "", "privkey:", " nodekey:", "NODEKEY:",
        ]
    )
    func refused(prefix: String) {
        #expect(NodePublicKey(prefix + (prefix.hasSuffix(":") && prefix != "nodekey:" ? hex : "")) == nil)
    }

    @Test("64 digits and no others are hexadecimal", arguments: ["g", "-", " ", "é", "\u{0}"])
    func digits(wrong: String) {
        #expect(NodePublicKey("nodekey:" + hex.dropLast() + wrong) == nil)
        #expect(NodePublicKey("nodekey:" + hex + "0") == nil)
        #expect(NodePublicKey("nodekey:" + hex.dropLast()) == nil)
    }

    @Test("the zero key is known as such")
    func zero() {
        #expect(NodePublicKey.zero.isZero)
        #expect(NodePublicKey("nodekey:" + String(repeating: "0", count: 64)) == .zero)
        #expect(NodePrivateKey(KeyBytes.zero) == nil)
    }

    @Test("exactly 32 bytes make a key", arguments: [0, 1, 31, 32, 33])
    func lengths(count: Int) {
        #expect((NodePublicKey([UInt8](repeating: 1, count: count)) != nil) == (count == 32))
    }

    @Test("keys decode from JSON, with an error for anything else")
    func json() throws {
        let decoder = JSONDecoder()
        #expect(try decoder.decode([NodePublicKey].self, from: Data("[\"nodekey:\(hex)\"]".utf8)).count == 1)
        for text in ["[\"mkey:\(hex)\"]", "[1]", "[null]", "[\"\"]"] {
            #expect(throws: DecodingError.self) { try decoder.decode([NodePublicKey].self, from: Data(text.utf8)) }
        }
    }

    /// RFC 7748, section 6.1.
    @Test("a private key gives the public key that the standard says, and never prints itself")
    func privateKey() throws {
        let key = try #require(NodePrivateKey("privkey:" + Self.alicePrivate))
        #expect(key.publicKey.bytes.hex == Self.alicePublic)
        #expect(key.secretText == "privkey:" + Self.alicePrivate)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("77076d")) }
    }

    @Test("generated keys differ")
    func generated() {
        #expect(MachinePrivateKey.generate().publicKey != MachinePrivateKey.generate().publicKey)
    }
}
