import Keys
import NIOCore
import NoiseProtocol

/// Input: the first byte chooses, the rest is a record stream or plaintext.
///
/// - Even: the rest is read by a receiver in slices of (byte / 2 + 1) bytes and must give what it gives in one piece.
/// - Odd: the rest is sealed, cut the same way, opened, and must come back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let sliceLength = Int(choice / 2) + 1
    let bytes = ByteBuffer(bytes: input.dropFirst())
    do {
        if choice.isMultiple(of: 2) {
            let inSlices = try opened(bytes, sliceLength: sliceLength)
            let inOnePiece = try opened(bytes, sliceLength: .max)
            precondition(inSlices == inOnePiece)
        } else {
            var plaintext = bytes
            var wire = ByteBuffer()
            try NoiseSender(sides.server).seal(&plaintext, into: &wire)
            let outcome = try opened(wire, sliceLength: sliceLength)
            precondition(outcome == .plaintext(bytes))
        }
    } catch {
        preconditionFailure("a half could not be made: \(error)")
    }
    return 0
}

private enum Outcome: Equatable {
    case plaintext(ByteBuffer)
    /// With the plaintext of the records before.
    case fault(NoiseError, ByteBuffer)
}

/// One handshake for the whole run.
private let sides: (server: NoiseTransportKeys, client: NoiseTransportKeys) = {
    do {
        let server = MachinePrivateKey.generate()
        let initiator = try NoiseInitiator(key: .generate(), server: server.publicKey, version: 130)
        let acceptance = try NoiseResponder(key: server).accept(initiator.initiation)
        return (acceptance.keys, try initiator.finish(acceptance.response))
    } catch {
        preconditionFailure("the handshake failed: \(error)")
    }
}()

private func opened(_ wire: ByteBuffer, sliceLength: Int) throws -> Outcome {
    let receiver = try NoiseReceiver(sides.client)
    var rest = wire
    var output = ByteBuffer()
    do throws(NoiseError) {
        while rest.readableBytes > 0, var slice = rest.readSlice(length: min(sliceLength, rest.readableBytes)) {
            try receiver.open(&slice, into: &output)
        }
    } catch {
        return .fault(error, output)
    }
    return .plaintext(output)
}
