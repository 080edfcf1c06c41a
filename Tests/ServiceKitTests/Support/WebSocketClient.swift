import NIOCore
import NIOWebSocket

/// The client's side of a WebSocket, frame by frame, over a ``RawClient``.
struct WebSocketClient {
    struct Frame: Equatable {
        let opcode: UInt8
        let body: [UInt8]

        static func binary(_ text: String) -> Frame { Frame(opcode: 2, body: Array(text.utf8)) }

        static func close(_ code: UInt16) -> Frame {
            Frame(opcode: 8, body: [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)])
        }
    }

    let raw: RawClient

    func handshake(
        _ extra: String = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: other, bytes\r\n",
        early: [UInt8] = []
    ) async throws -> RawClient.Response {
        var request = ByteBuffer(
            string: "GET /bytes HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + extra + "\r\n"
        )
        request.writeBytes(early)
        try await raw.send(request)
        return try await raw.response()
    }

    func send(_ opcode: UInt8, _ body: [UInt8], fin: Bool = true, isMasked: Bool = true) async throws {
        try await raw.send(ByteBuffer(bytes: Self.frame(opcode, body, fin: fin, isMasked: isMasked)))
    }

    static func frame(_ opcode: UInt8, _ body: [UInt8], fin: Bool = true, isMasked: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [opcode | (fin ? 0x80 : 0)]
        let flag: UInt8 = isMasked ? 0x80 : 0
        if body.count < 126 {
            bytes.append(flag | UInt8(body.count))
        } else {
            bytes += [flag | 126, UInt8(truncatingIfNeeded: body.count >> 8), UInt8(truncatingIfNeeded: body.count)]
        }
        guard isMasked else { return bytes + body }
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        return bytes + mask + body.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    func receive() async throws -> Frame {
        let head = try await raw.receiveBytes(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 {
            let long = try await raw.receiveBytes(2)
            length = Int(long[0]) << 8 | Int(long[1])
        }
        return Frame(opcode: head[0] & 0x0F, body: try await raw.receiveBytes(length))
    }
}
