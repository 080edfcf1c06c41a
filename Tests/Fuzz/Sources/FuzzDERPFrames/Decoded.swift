import DERPProtocol
import Keys
import NIOCore

/// What a stream became, and how it ended.
struct Decoded: Equatable {
    var frames: [DERPFrame] = []
    var fault: DERPFramingError?
}

/// Reads frames; the bodies that are well-formed must come back when they are written again.
func decoded(_ slices: Slices, from sender: DERPSender) -> Decoded {
    var decoder = DERPFrameDecoder(framesFrom: sender)
    var result = Decoded()
    do throws(DERPFramingError) {
        for slice in slices {
            decoder.append(slice)
            while let frame = try decoder.next() {
                checkBody(frame)
                result.frames.append(frame)
            }
        }
    } catch {
        result.fault = error
    }
    return result
}

/// Reads as a relay does; packets that it takes together are told apart again, as the frames that it hands on.
func inputs(_ slices: Slices) -> Decoded {
    var decoder = DERPFrameDecoder(framesFrom: .client)
    var result = Decoded()
    do throws(DERPFramingError) {
        for slice in slices {
            decoder.append(slice)
            while let input = try decoder.nextInput() {
                switch input {
                case .frame(let frame): result.frames.append(frame)
                case .packets(let packets): result.frames += handedOn(packets)
                }
            }
        }
    } catch {
        result.fault = error
    }
    return result
}

private func handedOn(_ packets: DERPPackets) -> [DERPFrame] {
    var wire = ByteBuffer()
    packets.encode(from: clientKey.publicKey, into: &wire)
    let result = decoded(Slices(whole: wire), from: .server)
    precondition(result.fault == nil && result.frames.count == packets.count)
    precondition(result.frames.allSatisfy { $0.type == .receivePacket })
    return result.frames
}

private func checkBody(_ frame: DERPFrame) {
    switch frame.type {
    case .serverKey: check(frame, ServerKeyFrame.self)
    case .clientInfo: check(frame, ClientInfoFrame.self)
    case .serverInfo: check(frame, ServerInfoFrame.self)
    case .sendPacket: check(frame, SendPacketFrame.self)
    case .receivePacket: check(frame, ReceivePacketFrame.self)
    case .keepAlive: check(frame, KeepAliveFrame.self)
    case .notePreferred: check(frame, NotePreferredFrame.self)
    case .peerGone: check(frame, PeerGoneFrame.self)
    case .peerPresent: check(frame, PeerPresentFrame.self)
    case .forwardPacket: check(frame, ForwardPacketFrame.self)
    case .watchConnections: check(frame, WatchConnectionsFrame.self)
    case .closePeer: check(frame, ClosePeerFrame.self)
    case .ping: check(frame, PingFrame.self)
    case .pong: check(frame, PongFrame.self)
    case .health: check(frame, HealthFrame.self)
    case .restarting: check(frame, RestartingFrame.self)
    default: break
    }
}

private func check<Body: DERPFrameBody>(_ frame: DERPFrame, _ type: Body.Type) {
    guard let body = try? Body(body: frame.body) else { return }
    var written = ByteBuffer()
    body.encodeBody(into: &written)
    precondition((try? Body(body: written)) == body, "a body does not come back: \(type)")
}
