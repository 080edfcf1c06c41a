import NIOCore
import STUNProtocol

/// Takes one datagram.
///
/// What is accepted must be answerable, and the answer must be readable.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let datagram = ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count))
    if let request = try? STUNBindingRequest(decoding: datagram) {
        let address = STUNMappedAddress(host: .v6(high: UInt64(count), low: 1), port: 1)
        let response = STUNBindingResponse(transaction: request.transaction, address: address)
        var output = ByteBuffer()
        response.encode(into: &output)
        precondition((try? STUNBindingResponse(decoding: output)) == response)
    }
    if let response = try? STUNBindingResponse(decoding: datagram) {
        var output = ByteBuffer()
        response.encode(into: &output)
        precondition((try? STUNBindingResponse(decoding: output)) == response)
    }
    return 0
}
