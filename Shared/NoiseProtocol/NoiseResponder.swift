public import Keys
public import NIOCore

/// The server's side of the handshake.
///
/// - Source: Noise specification, pattern IK; `control/controlbase/handshake.go`, `Server`.
public struct NoiseResponder: Sendable {
    private let key: MachinePrivateKey

    public init(key: MachinePrivateKey) {
        self.key = key
    }

    /// Reads an initiation and answers it.
    ///
    /// Any version is accepted; what it allows is for the caller to say.
    ///
    /// - Parameters:
    ///   - initiation: the whole message and nothing else.
    ///   - ephemeral: made only when the initiation holds; given by tests.
    public func accept(
        _ initiation: ByteBuffer,
        ephemeral: @autoclosure () -> NoiseEphemeralKey = .generate()
    ) throws(NoiseError) -> NoiseAcceptance {
        let message = try NoiseInitiation(decoding: initiation)
        var state = NoiseSymmetricState(version: message.version, server: key.publicKey)

        state.mixHash(message.ephemeral)
        let sealedKeyKey = state.mixKey(try keyAgreement(key, message.ephemeral))
        let opened = try state.open(message.sealedKey, key: sealedKeyKey)
        guard let client = MachinePublicKey(opened.readableBytesView) else { throw .decryptionFailed }
        let tagKey = state.mixKey(try keyAgreement(key, client.bytes))
        _ = try state.open(message.tag, key: tagKey)

        let ephemeral = ephemeral()
        state.mixHash(ephemeral.publicKey.bytes)
        _ = state.mixKey(try keyAgreement(ephemeral, message.ephemeral))
        let responseKey = state.mixKey(try keyAgreement(ephemeral, client.bytes))
        let tag = try state.seal(ByteBuffer(), key: responseKey)

        let (clientToServer, serverToClient) = state.split()
        return NoiseAcceptance(
            response: NoiseResponse(ephemeral: ephemeral.publicKey.bytes, tag: tag).encoded(),
            client: client,
            version: message.version,
            keys: NoiseTransportKeys(sending: serverToClient, receiving: clientToServer, handshakeHash: state.hash)
        )
    }
}

/// What a handshake gives the server.
public struct NoiseAcceptance: Sendable {
    /// To be sent before anything sealed, 51 bytes.
    public let response: ByteBuffer
    /// Who the client is; proven once the first record opens, since an initiation may be replayed.
    public let client: MachinePublicKey
    /// The client's capability version.
    public let version: UInt16
    public let keys: NoiseTransportKeys
}
