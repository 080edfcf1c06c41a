import Keys
import NIOCore

/// One request inside a Noise connection, with its whole body.
struct MachineRequest {
    var method: String
    /// Without query.
    var path: String
    /// What follows the path's `?`; empty without.
    var query = ""
    var body: ByteBuffer
    /// Whether the body was longer than even long ones may be, and is left out.
    var isCut = false
    /// Proved by the Noise handshake: what the body claims is checked against it.
    var machineKey: MachinePublicKey
    /// Where the connection comes from, for limits; `nil` where unknown.
    var source: String?
}

/// An answer that is not a map stream.
struct MachineResponse {
    var status: Int
    var contentType: String
    var body: ByteBuffer
    /// Seconds after which the client may try again; clients from capability version 137 on heed it.
    var retryAfter: Int?

    static func json(_ body: ByteBuffer) -> MachineResponse {
        MachineResponse(status: 200, contentType: "application/json", body: body)
    }

    static func text(_ status: Int, _ text: String) -> MachineResponse {
        MachineResponse(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text + "\n"))
    }

    static func tooMany(retryAfter seconds: Int, _ text: String) -> MachineResponse {
        var response = Self.text(429, text)
        response.retryAfter = seconds
        return response
    }

    static let empty = MachineResponse(status: 200, contentType: "application/json", body: ByteBuffer())
}
