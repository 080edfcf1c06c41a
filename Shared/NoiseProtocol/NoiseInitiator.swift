public import Keys
public import NIOCore

/// The client's side of the handshake.
///
/// - Source: Noise specification, pattern IK; `control/controlbase/handshake.go`, `ClientDeferred`.
public struct NoiseInitiator: Sendable {
    /// To be sent first, 101 bytes.
    public let initiation: ByteBuffer

    private let key: MachinePrivateKey
    private let ephemeral: NoiseEphemeralKey
    private let state: NoiseSymmetricState

    /// - Parameters:
    ///   - key: the client's machine key.
    ///   - server: the server's, from `/key`.
    ///   - version: the client's capability version.
    ///   - ephemeral: given by tests.
    public init(
        key: MachinePrivateKey,
        server: MachinePublicKey,
        version: UInt16,
        ephemeral: NoiseEphemeralKey = .generate()
    ) throws(NoiseError) {
        var state = NoiseSymmetricState(version: version, server: server)
        state.mixHash(ephemeral.publicKey.bytes)
        let sealedKeyKey = state.mixKey(try keyAgreement(ephemeral, server.bytes))
        let plainKey = key.publicKey.bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }
        let sealedKey = try state.seal(plainKey, key: sealedKeyKey)
        let tagKey = state.mixKey(try keyAgreement(key, server.bytes))
        let tag = try state.seal(ByteBuffer(), key: tagKey)

        self.key = key
        self.ephemeral = ephemeral
        self.state = state
        let ephemeralKey = ephemeral.publicKey.bytes
        initiation = NoiseInitiation(version: version, ephemeral: ephemeralKey, sealedKey: sealedKey, tag: tag)
            .encoded()
    }

    /// Reads the server's answer.
    ///
    /// - Parameter response: the whole message, 51 bytes, or the whole of an error message.
    public func finish(_ response: ByteBuffer) throws(NoiseError) -> NoiseTransportKeys {
        let message = try NoiseResponse(decoding: response)
        var state = state
        state.mixHash(message.ephemeral)
        _ = state.mixKey(try keyAgreement(ephemeral, message.ephemeral))
        let responseKey = state.mixKey(try keyAgreement(key, message.ephemeral))
        _ = try state.open(message.tag, key: responseKey)
        let (clientToServer, serverToClient) = state.split()
        return NoiseTransportKeys(sending: clientToServer, receiving: serverToClient, handshakeHash: state.hash)
    }
}
