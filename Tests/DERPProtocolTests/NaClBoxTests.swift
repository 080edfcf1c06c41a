import DERPProtocol
import Keys
import Testing

@Suite("NaCl box")
struct NaClBoxTests {
    @Test("a box made elsewhere opens, and ours is the same", arguments: try VectorFiles.boxes())
    func vector(_ vector: VectorFiles.Box) throws {
        let (sender, receiver) = (try key(vector.senderPrivate), try key(vector.receiverPrivate))
        let (senderPublic, receiverPublic) = (try key(vector.senderPublic), try key(vector.receiverPublic))
        let nonce = try #require(NaClBox.Nonce(VectorFiles.bytes(hex: vector.nonce)))
        let (text, box) = (VectorFiles.bytes(hex: vector.text), VectorFiles.bytes(hex: vector.box))

        #expect(NaClBox.open(box, nonce: nonce, from: senderPublic, to: receiver) == text)
        #expect(NaClBox.seal(text, nonce: nonce, to: receiverPublic, from: sender) == box)
    }

    @Test("a box with any bit changed does not open", arguments: 0..<29)
    func forged(index: Int) throws {
        let (sender, receiver) = (NodePrivateKey.generate(), DERPPrivateKey.generate())
        let nonce = try #require(NaClBox.Nonce([UInt8](0..<24)))
        var box = try #require(
            NaClBox.seal(Array("{\"version\":2}".utf8), nonce: nonce, to: receiver.publicKey.bytes, from: sender.bytes)
        )
        box[index] ^= 1
        #expect(NaClBox.open(box, nonce: nonce, from: sender.publicKey.bytes, to: receiver.bytes) == nil)
    }

    @Test("a box shorter than its tag does not open", arguments: [0, 1, 15])
    func short(length: Int) throws {
        let (sender, receiver) = (NodePrivateKey.generate(), DERPPrivateKey.generate())
        let nonce = try #require(NaClBox.Nonce([UInt8](repeating: 0, count: 24)))
        let box = [UInt8](repeating: 0, count: length)
        #expect(NaClBox.open(box, nonce: nonce, from: sender.publicKey.bytes, to: receiver.bytes) == nil)
    }

    @Test("a key of low order is refused")
    func lowOrder() throws {
        let sender = NodePrivateKey.generate()
        let nonce = try #require(NaClBox.Nonce([UInt8](repeating: 0, count: 24)))
        #expect(NaClBox.seal([1], nonce: nonce, to: .zero, from: sender.bytes) == nil)
        #expect(NaClBox.open([UInt8](repeating: 0, count: 16), nonce: nonce, from: .zero, to: sender.bytes) == nil)
    }

    @Test("a nonce has 24 bytes", arguments: [0, 23, 25])
    func nonceLength(length: Int) {
        #expect(NaClBox.Nonce([UInt8](repeating: 0, count: length)) == nil)
    }

    private func key(_ hex: String) throws -> KeyBytes {
        try #require(KeyBytes(hex: hex))
    }
}
