public import Keys
import TailcfgWire

extension PlainConnection {
    /// One request on a connection of its own.
    public static func get(_ path: String, from address: ServerAddress) async throws -> HTTP1Answer {
        let connection = try await open(address)
        defer { connection.close() }
        connection.send("GET \(path) HTTP/1.1\r\nHost: \(address.host):\(address.port)\r\nConnection: close\r\n\r\n")
        return try await connection.answer()
    }

    /// The server's Noise key.
    public static func serverKey(
        of address: ServerAddress,
        capabilityVersion: Int
    ) async throws -> MachinePublicKey {
        let answer = try await get("/key?v=\(capabilityVersion)", from: address)
        guard answer.status == 200 else { throw SimulatedClientError.status(answer.status, text: answer.text) }
        let keys = try ClientServerKeyResponse.decode(answer.body)
        guard let key = MachinePublicKey(keys.publicKey), !key.isZero else {
            throw SimulatedClientError.unreadable("public key \(keys.publicKey)")
        }
        return key
    }
}
