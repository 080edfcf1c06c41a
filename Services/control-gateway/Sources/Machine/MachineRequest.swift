import Keys
import NIOCore

/// One request inside a Noise connection, with its whole body.
struct MachineRequest {
    var method: String
    /// Without query.
    var path: String
    var body: ByteBuffer
    /// Proved by the Noise handshake: what the body claims is checked against it.
    var machineKey: MachinePublicKey
}

/// An answer that is not a map stream.
struct MachineResponse {
    var status: Int
    var contentType: String
    var body: ByteBuffer

    static func json(_ body: ByteBuffer) -> MachineResponse {
        MachineResponse(status: 200, contentType: "application/json", body: body)
    }

    static func text(_ status: Int, _ text: String) -> MachineResponse {
        MachineResponse(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text + "\n"))
    }

    static let empty = MachineResponse(status: 200, contentType: "application/json", body: ByteBuffer())
}
