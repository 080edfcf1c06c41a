import Keys
import NIOCore

/// Hash and chaining key, as both sides carry them through the handshake.
///
/// - Source: Noise specification, section 5.2.
struct NoiseSymmetricState {
    private static let protocolName = "Noise_IK_25519_ChaChaPoly_BLAKE2s"

    private(set) var hash: BLAKE2sDigest
    private(set) var chainingKey: BLAKE2sDigest

    /// The state before the first message: name, prologue and the server's key are known to both sides.
    ///
    /// - Parameter version: the capability version the client announces in its initiation.
    init(version: UInt16, server: MachinePublicKey) {
        // The name is one byte longer than a digest, so it is hashed rather than padded.
        hash = noiseHash(ByteBuffer(string: Self.protocolName))
        chainingKey = hash
        mixHash(ByteBuffer(string: "Tailscale Control Protocol v\(version)"))
        mixHash(server.bytes)
    }

    mutating func mixHash(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { mixHash($0) }
    }

    mutating func mixHash(_ key: KeyBytes) {
        key.withUnsafeBytes { mixHash($0) }
    }

    private mutating func mixHash(_ bytes: UnsafeRawBufferPointer) {
        var hasher = BLAKE2s()
        hash.withUnsafeBytes { hasher.update($0) }
        hasher.update(bytes)
        hash = hasher.digest()
    }

    /// Takes in a shared secret; returns the key for exactly one seal or open.
    mutating func mixKey(_ secret: KeyBytes) -> BLAKE2sDigest {
        let (next, key) = secret.withUnsafeBytes { noiseHKDF(chainingKey: chainingKey, input: $0) }
        chainingKey = next
        return key
    }

    /// Encrypts under a key used nowhere else, hence with counter zero.
    mutating func seal(_ plaintext: ByteBuffer, key: BLAKE2sDigest) throws(NoiseError) -> ByteBuffer {
        let cipher = try AEADCipher(key: key, direction: .seal)
        let length = plaintext.readableBytes + NoiseRecord.tagLength
        var output = ByteBuffer()
        let written = plaintext.withUnsafeReadableBytes { plaintext in
            hash.withUnsafeBytes { hash in
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { space in
                    let target = UnsafeMutableRawBufferPointer(rebasing: space[..<length])
                    return cipher.seal(plaintext, authenticating: hash, counter: 0, into: target) ? length : 0
                }
            }
        }
        guard written == length else { throw .cipherUnavailable }
        mixHash(output)
        return output
    }

    mutating func open(_ ciphertext: ByteBuffer, key: BLAKE2sDigest) throws(NoiseError) -> ByteBuffer {
        let cipher = try AEADCipher(key: key, direction: .open)
        let length = ciphertext.readableBytes - NoiseRecord.tagLength
        guard length >= 0 else { throw .decryptionFailed }
        var output = ByteBuffer()
        var isAuthentic = false
        ciphertext.withUnsafeReadableBytes { ciphertext in
            hash.withUnsafeBytes { hash in
                _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { space in
                    let target = UnsafeMutableRawBufferPointer(rebasing: space[..<length])
                    isAuthentic = cipher.open(ciphertext, authenticating: hash, counter: 0, into: target)
                    return isAuthentic ? length : 0
                }
            }
        }
        guard isAuthentic else { throw .decryptionFailed }
        mixHash(ciphertext)
        return output
    }

    /// The two transport keys, once both messages are through.
    func split() -> (clientToServer: BLAKE2sDigest, serverToClient: BLAKE2sDigest) {
        let keys = noiseHKDF(chainingKey: chainingKey, input: UnsafeRawBufferPointer(start: nil, count: 0))
        return (clientToServer: keys.first, serverToClient: keys.second)
    }
}

private func noiseHash(_ bytes: ByteBuffer) -> BLAKE2sDigest {
    var hasher = BLAKE2s()
    bytes.withUnsafeReadableBytes { hasher.update($0) }
    return hasher.digest()
}
