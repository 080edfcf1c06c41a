@testable import NoiseProtocol

/// Keys of a connection that talks to itself: 32 bytes counting up, in both directions.
func transportKeys() throws -> NoiseTransportKeys {
    let key = try blake2sDigest(bytes: Array(0..<32))
    return NoiseTransportKeys(sending: key, receiving: key, handshakeHash: key)
}
