import Testing

@testable import SecretBox

@Suite("Master keys")
struct MasterKeyTests {
    private let text = "masterkey:" + String(repeating: "0f", count: 32)

    @Test("the text form is read and written, and nothing else prints the key")
    func textForm() throws {
        let key = try #require(MasterKey(text))
        #expect(key.secretText == text)
        #expect(MasterKey([UInt8](repeating: 0x0F, count: 32))?.id == key.id)
        #expect("\(key)" == "<redacted>")
        #expect(String(reflecting: key) == "<redacted>")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("0f0f"))
    }

    @Test(
        "what is no key is refused",
        arguments: [
            "", "masterkey:", "privkey:" + String(repeating: "0f", count: 32),
            "masterkey:" + String(repeating: "0", count: 64), "masterkey:" + String(repeating: "0f", count: 31),
            "masterkey:" + String(repeating: "0g", count: 32), "masterkey:" + String(repeating: "0f", count: 33),
        ]
    )
    func malformed(text: String) {
        #expect(MasterKey(text) == nil)
    }

    @Test("32 bytes make a key, others none")
    func bytes() {
        #expect(MasterKey([UInt8](repeating: 1, count: 31)) == nil)
        #expect(MasterKey([UInt8](repeating: 1, count: 33)) == nil)
        #expect(MasterKey([UInt8](repeating: 0, count: 32)) == nil)
    }

    @Test("several keys are read, the first one seals", arguments: [",", " ", "\n", " , "])
    func several(separator: String) throws {
        let second = "masterkey:" + String(repeating: "10", count: 32)
        let keys = try #require(MasterKeys(text + separator + second + "\n"))
        #expect(keys.ids.map(\.description) == [text, second].compactMap { MasterKey($0)?.id.description })
        #expect(keys.current.secretText == text)
        #expect(keys.key(keys.ids[1])?.secretText == second)
        #expect(Set(keys.ids).count == 2)
        #expect(MasterKeys(text + separator + "nonsense") == nil)
        #expect(MasterKeys(separator) == nil)
    }
}
