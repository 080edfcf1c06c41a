import DERPProtocol
import Keys
import NIOCore

/// Input: the first byte chooses what reads the rest, the second one how the rest is cut.
///
/// | first byte mod 8 | the rest is |
/// |---|---|
/// | 0, 1 | a stream from a client: before, after the handshake |
/// | 2 | ClientInfo as JSON |
/// | 3, 4 | a stream from a relay: before, after the handshake |
/// | 5 | ServerInfo as JSON |
/// | 6, 7 | as 0 and 1, with a client that is not admitted, and with time-outs between the slices |
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard count >= 2 else { return 0 }
    let rest = ByteBuffer(bytes: input.dropFirst(2))
    let slices = Slices(of: rest, seed: input[1])
    switch input[0] % 8 {
    case 0: readFromClient(slices, RelaySide(isOpen: false))
    case 1: readFromClient(slices, RelaySide(isOpen: true))
    case 2: readClientInfo(rest)
    case 3: readFromRelay(slices, ClientSide(isOpen: false))
    case 4: readFromRelay(slices, ClientSide(isOpen: true))
    case 5: readServerInfo(rest)
    case 6: readFromClient(slices, RelaySide(isOpen: false, isAdmitting: false))
    default: readFromClient(slices, RelaySide(isOpen: true, step: .seconds(Int64(input[1]))))
    }
    return 0
}

private func readFromClient(_ slices: Slices, _ relay: RelaySide) {
    let (whole, cut) = (decoded(Slices(whole: slices.bytes), from: .client), decoded(slices, from: .client))
    precondition(whole == cut, "frames from a client depend on the cut")
    precondition(inputs(Slices(whole: slices.bytes)) == inputs(slices), "inputs of a relay depend on the cut")
    var relay = relay
    for slice in slices { relay.receive(slice) }
    relay.runOut()
}

private func readFromRelay(_ slices: Slices, _ client: ClientSide) {
    let (whole, cut) = (decoded(Slices(whole: slices.bytes), from: .server), decoded(slices, from: .server))
    precondition(whole == cut, "frames from a relay depend on the cut")
    var client = client
    for slice in slices { client.receive(slice) }
}

private func readClientInfo(_ json: ByteBuffer) {
    let text = Array(json.readableBytesView)
    var relay = RelaySide(isOpen: false)
    relay.receive(clientInfo(text))
    guard let info = DERPClientInfo(json: text) else { return precondition(relay.session.isClosed) }
    precondition(relay.isAdmitted)
    precondition(DERPClientInfo(json: info.json) == info, "ClientInfo does not come back")
    relay.runOut()
}

private func readServerInfo(_ json: ByteBuffer) {
    let text = Array(json.readableBytesView)
    var client = ClientSide(isOpen: false)
    client.receive(ServerKeyFrame(key: relayKey.publicKey).encoded)
    client.receive(serverInfo(text))
    guard let info = DERPServerInfo(json: text) else { return precondition(!client.isOpened) }
    precondition(client.isOpened == (info.version == DERPServerInfo.protocolVersion))
    precondition(DERPServerInfo(json: info.json) == info, "ServerInfo does not come back")
}
