import DERPProtocol
import Keys
import NIOCore

/// Keys of the vectors in Tests/DERPProtocolTests, so that their boxes open here.
let relayKey = known(
    DERPPrivateKey("privkey:65666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384")
)
let clientKey = known(
    NodePrivateKey("privkey:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")
)
let nonce = known(NaClBox.Nonce([UInt8](0..<24)))

func clientInfo(_ json: [UInt8]) -> ByteBuffer {
    let box = known(NaClBox.seal(json, nonce: nonce, to: relayKey.publicKey.bytes, from: clientKey.bytes))
    return ClientInfoFrame(key: clientKey.publicKey, nonce: nonce, box: box).encoded
}

func serverInfo(_ json: [UInt8]) -> ByteBuffer {
    let box = known(NaClBox.seal(json, nonce: nonce, to: clientKey.publicKey.bytes, from: relayKey.bytes))
    return ServerInfoFrame(nonce: nonce, box: box).encoded
}

/// A relay's session and its decoder, with an owner that does what it is told.
struct RelaySide {
    var session = DERPServerSession(DERPServerSession.Configuration(key: relayKey))
    private(set) var isAdmitted = false
    private var decoder = DERPFrameDecoder(framesFrom: .client)
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let isAdmitting: Bool
    private let step: TimeAmount

    /// - Parameter step: how much time a slice takes.
    init(isOpen: Bool, isAdmitting: Bool = true, step: TimeAmount = .zero) {
        self.isAdmitting = isAdmitting
        self.step = step
        perform(session.started(at: now))
        if isOpen { receive(clientInfo(DERPClientInfo().json)) }
    }

    mutating func receive(_ slice: ByteBuffer) {
        now = now + step
        if let deadline = session.deadline, deadline <= now { perform(session.timerFired(at: now)) }
        decoder.append(slice)
        do throws(DERPFramingError) {
            while !session.isClosed, let input = try decoder.nextInput() {
                perform(session.received(input, at: now))
            }
        } catch {
            perform(session.framingFailed(error))
            precondition(session.isClosed)
        }
    }

    /// Nothing more comes: the session must end by itself, and stay so.
    mutating func runOut() {
        var timers = 0
        while let deadline = session.deadline {
            timers += 1
            precondition(timers < 10, "a silent client is not closed")
            now = Swift.max(now, deadline)
            perform(session.timerFired(at: now))
        }
        precondition(session.isClosed)
        precondition(session.received(.frame(DERPFrame(type: .ping)), at: now) == .nothing)
        precondition(session.timerFired(at: now) == .nothing)
    }

    private mutating func perform(_ action: DERPServerSession.Action) {
        switch action {
        case .admit:
            precondition(session.isAwaitingAdmission)
            isAdmitted = isAdmitting
            perform(isAdmitting ? session.admitted(nonce: nonce, at: now) : session.refused())
        case .relay(let packets):
            precondition(isAdmitted)
            var output = ByteBuffer()
            packets.encode(from: clientKey.publicKey, into: &output)
            precondition(output.readableBytes == packets.byteCount)
        case .close: precondition(session.isClosed)
        case .nothing, .send, .pong, .notePreferred: break
        }
    }
}

/// A client's session and its decoder.
struct ClientSide {
    private(set) var isOpened = false
    private var session = DERPClientSession(key: clientKey, nonce: nonce)
    private var decoder = DERPFrameDecoder(framesFrom: .server)
    private var isClosed = false

    init(isOpen: Bool) {
        guard isOpen else { return }
        receive(ServerKeyFrame(key: relayKey.publicKey).encoded)
        receive(serverInfo(DERPServerInfo().json))
        precondition(isOpened)
    }

    mutating func receive(_ slice: ByteBuffer) {
        decoder.append(slice)
        do throws(DERPFramingError) {
            while !isClosed, let frame = try decoder.next() {
                switch session.received(frame) {
                case .opened: isOpened = true
                case .close:
                    isClosed = true
                    precondition(session.received(frame) == .nothing)
                default: break
                }
            }
        } catch {
            isClosed = true
        }
    }
}

/// What the constants above are made of is right.
private func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a constant of this target is wrong") }
    return value
}
