import COpenSSLCrypto

/// ChaCha20-Poly1305 of libcrypto under one key, in one direction.
///
/// The context lives as long as the key, so a record costs no allocation.
/// Not Sendable: it belongs to one half of one connection.
final class AEADCipher {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private static let tagLength = Int32(NoiseRecord.tagLength)

    private let context: OpaquePointer
    private let direction: Direction

    init(key: BLAKE2sDigest, direction: Direction) throws(NoiseError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .cipherUnavailable }
        self.context = context
        self.direction = direction
        let ready = key.withUnsafeBytes { key in
            let key = key.assumingMemoryBound(to: UInt8.self)
            return EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), nil, key.baseAddress, nil, direction.rawValue)
        }
        guard ready == 1 else { throw .cipherUnavailable }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Fills `output`, which must be longer than `plaintext` by the tag; returns whether that worked.
    func seal(
        _ plaintext: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        counter: UInt64,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard direction == .seal, output.count == plaintext.count + NoiseRecord.tagLength, begin(counter, data),
            update(plaintext, into: output), finish()
        else { return false }
        let tag = UnsafeMutableRawBufferPointer(rebasing: output[plaintext.count...])
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Self.tagLength, tag.baseAddress) == 1
    }

    /// Fills `output`, which must be shorter than `ciphertext` by the tag; returns whether the tag fits.
    ///
    /// Where it does not, `output` holds bytes nobody vouches for and must not be read.
    func open(
        _ ciphertext: UnsafeRawBufferPointer,
        authenticating data: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        counter: UInt64,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard direction == .open, ciphertext.count == output.count + NoiseRecord.tagLength, begin(counter, data) else {
            return false
        }
        let text = UnsafeRawBufferPointer(rebasing: ciphertext[..<output.count])
        let tag = UnsafeRawBufferPointer(rebasing: ciphertext[output.count...])
        // libcrypto takes the tag through a mutable pointer and only reads it.
        let expected = UnsafeMutableRawPointer(mutating: tag.baseAddress)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Self.tagLength, expected) == 1 else { return false }
        return update(text, into: output) && finish()
    }

    /// Sets the nonce, which is four zero bytes and the counter in big-endian, and the data only authenticated.
    private func begin(_ counter: UInt64, _ data: UnsafeRawBufferPointer) -> Bool {
        let nonce = (
            UInt32(0), UInt32(truncatingIfNeeded: counter >> 32).bigEndian,
            UInt32(truncatingIfNeeded: counter).bigEndian
        )
        let ready = withUnsafeBytes(of: nonce) { nonce in
            let nonce = nonce.assumingMemoryBound(to: UInt8.self)
            return EVP_CipherInit_ex(context, nil, nil, nil, nonce.baseAddress, direction.rawValue)
        }
        guard ready == 1 else { return false }
        return data.isEmpty || update(data, into: .init(start: nil, count: 0))
    }

    /// An empty `output` means that the input is only authenticated.
    private func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
        // A null input would mean "finish" to libcrypto.
        guard !input.isEmpty else { return true }
        var written: Int32 = 0
        return EVP_CipherUpdate(
            context,
            output.assumingMemoryBound(to: UInt8.self).baseAddress,
            &written,
            input.assumingMemoryBound(to: UInt8.self).baseAddress,
            Int32(input.count)
        ) == 1
    }

    private func finish() -> Bool {
        // Writes nothing for this cipher, yet wants a place to write to.
        var none: UInt8 = 0
        var written: Int32 = 0
        return EVP_CipherFinal_ex(context, &none, &written) == 1
    }
}
