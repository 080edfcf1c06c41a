import NIOCore
import TailcfgWire

/// Input: the first byte chooses the request, the rest is its body.
///
/// What is accepted is written as each kind of client writes it, and must come back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let body = ByteBuffer(bytes: input.dropFirst())
    // Digits, so that the seeds stay readable.
    switch choice &- UInt8(ascii: "0") {
    case 0: checkMap(body)
    case 1: checkRegister(body)
    case 2: _ = try? SetDNSRequest.decode(body)
    case 3: _ = try? TokenRequest.decode(body)
    case 4: _ = try? QueryFeatureRequest.decode(body)
    case 5: _ = try? HealthChangeRequest.decode(body)
    case 6: _ = try? AuditLogRequest.decode(body)
    case 7: _ = try? SSHEventNotifyRequest.decode(body)
    case 8: _ = try? SetDeviceAttributesRequest.decode(body)
    default: break
    }
    return 0
}

private func checkMap(_ body: ByteBuffer) {
    guard let request = try? MapRequest.decode(body) else { return }
    for casing in [KeyCasing.go, .rust] {
        checkReturn(of: request, from: body, write: { $0.encoded(as: casing) }, read: { try? MapRequest.decode($0) })
    }
}

private func checkRegister(_ body: ByteBuffer) {
    guard var request = try? RegisterRequest.decode(body) else { return }
    let read: (ByteBuffer) -> RegisterRequest? = { try? RegisterRequest.decode($0) }
    checkReturn(of: request, from: body, write: { $0.encoded(as: .go) }, read: read)
    // The Rust client has no such field.
    request.oldNodeKey = .zero
    checkReturn(of: request, from: body, write: { $0.encoded(as: .rust) }, read: read)
}

/// A request that was written must be readable; it is the same, or stays the same from then on where the writer left out
/// what needs escapes.
private func checkReturn<Request: Equatable>(
    of request: Request,
    from body: ByteBuffer,
    write: (Request) -> ByteBuffer,
    read: (ByteBuffer) -> Request?
) {
    let written = write(request)
    // Written out in full, a request near the limit grows beyond it.
    guard written.readableBytes <= WireLimit.requestLength else { return }
    guard let first = read(written) else { preconditionFailure("what was written cannot be read") }
    let isPlain = !body.readableBytesView.contains { $0 == UInt8(ascii: "\\") || $0 == 0x7F }
    if isPlain { precondition(first == request, "a request does not come back") }
    precondition(read(write(first)) == first, "a request does not come back from its second writing")
}
