import Keys
import NIOCore
import NoiseProtocol

/// The server and the client of the corpus: keys of the vectors in Tests/NoiseProtocolTests.
private let server = MachinePrivateKey("privkey:4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60")
private let client = MachinePrivateKey("privkey:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")

/// Takes a message that a client sends first, then the same bytes as the answer to a client and as its first plaintext.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let server, let client else { preconditionFailure("the keys above do not parse") }
    let message = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    if let acceptance = try? NoiseResponder(key: server).accept(message) {
        precondition(count == 101 && acceptance.response.readableBytes == 51)
    }
    if let initiator = try? NoiseInitiator(key: client, server: server.publicKey, version: 130) {
        // The ephemeral key is new each time, so nothing can have answered it.
        precondition((try? initiator.finish(message)) == nil)
    }
    var plaintext = message
    if case .present(let payload)? = try? EarlyPayload.read(from: &plaintext) {
        var written = ByteBuffer()
        payload.encode(into: &written)
        precondition(written.readableBytes + plaintext.readableBytes == count)
    }
    return 0
}
